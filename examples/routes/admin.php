<?php

declare(strict_types=1);

use RrEmbed\Http\Request;
use RrEmbed\Http\Worker;

require __DIR__.'/../../php/autoload.php';

exit((new Worker())->run(static function (Request $request): array {
    $text = 'the administration, in process '.getmypid().": {$request->method} {$request->path}\n";

    return [200, ['Content-Type' => 'text/plain'], $text];
}));
