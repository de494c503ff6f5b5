<?php
// One script per request: classic mode, and php-fpm.
header('Content-Type: text/plain');
echo 'Hello World!';
