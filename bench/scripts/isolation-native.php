<?php
// /sleep blocks for 50 ms, /cpu computes for half a millisecond, anything else is answered at once.
require __DIR__ . '/spin.php';
while (rr_embed_handle_request(static function (): void {
    header('Content-Type: text/plain');
    match (strtok($_SERVER['REQUEST_URI'], '?')) {
        '/sleep' => usleep(50_000),
        '/cpu' => spin((int) getenv('BENCH_SPIN')),
        default => null,
    };
    echo 'Hello World!';
}));
