<?php
// Half a millisecond of computing under php-fpm.
require __DIR__ . '/spin.php';
header('Content-Type: text/plain');
spin((int) getenv('BENCH_SPIN'));
echo 'Hello World!';
