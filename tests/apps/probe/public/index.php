<?php
// The application in classic mode.
require __DIR__ . '/../superglobals.php';

header_remove('X-Powered-By');
Probe\serve_superglobals();
