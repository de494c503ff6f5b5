<?php

declare(strict_types=1);

use RrEmbed\Http\Request;
use RrEmbed\Http\Worker;

// On a thread of rr-embed the classes come with the extension; in a process Composer loads the library.
if (!extension_loaded('rr_embed')) {
    require is_file(__DIR__.'/vendor/autoload.php') ? __DIR__.'/vendor/autoload.php' : dirname(__DIR__, 2).'/php/autoload.php';
}

// Everything above and here runs once; the handler runs for each request.
$started = date('H:i:s');

exit((new Worker())->run(static fn (Request $request): array => [
    200,
    ['Content-Type' => 'text/plain; charset=utf-8'],
    "Hello from rr-embed!\n\nYou asked for {$request->path}; this worker (pid ".getmypid().") booted at {$started}.\n",
]));
