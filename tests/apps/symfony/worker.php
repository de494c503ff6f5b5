<?php

// The same application as a loop on a thread: the kernel boots once and serves every request of its worker.

use App\Kernel;
use Symfony\Component\HttpFoundation\Request;

require __DIR__ . '/vendor/autoload.php';

$kernel = new Kernel('prod', false);
$kernel->boot();
while (rr_embed_handle_request(static function () use ($kernel): void {
    $request = Request::createFromGlobals();
    $response = $kernel->handle($request);
    $response->send();
    $kernel->terminate($request, $response);
}));
