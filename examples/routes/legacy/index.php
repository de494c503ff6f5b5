<?php

header('Content-Type: text/plain');
echo "the old application, from the top for each request: {$_SERVER['REQUEST_URI']}\n";
