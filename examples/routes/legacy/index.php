<?php

declare(strict_types=1);

/** @var array{REQUEST_URI: string} $_SERVER */
header('Content-Type: text/plain');
echo "the old application, from the top for each request: {$_SERVER['REQUEST_URI']}\n";
