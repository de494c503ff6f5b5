<?php

declare(strict_types=1);

use RrEmbed\Http\Request;
use RrEmbed\Http\Worker;

if (!extension_loaded('rr_embed')) {
    require __DIR__.'/../../php/autoload.php';
}

exit((new Worker())->run(
    static fn (Request $request): array => [200, ['Content-Type' => 'text/plain'], "the API, on a thread: {$request->path}\n"],
));
