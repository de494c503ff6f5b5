<?php

declare(strict_types=1);

header('Content-Type: text/plain');
echo 'PHP ', \PHP_VERSION, ', ', \PHP_SAPI, ', ', \PHP_ZTS ? 'thread-safe' : 'not thread-safe', "\n";
echo 'opcache ', function_exists('opcache_get_status') && false !== opcache_get_status(false) ? 'on' : 'off', "\n";
