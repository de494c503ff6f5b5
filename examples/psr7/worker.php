<?php

declare(strict_types=1);

use Nyholm\Psr7\Factory\Psr17Factory;
use RrEmbed\Http\Psr7Worker;
use RrEmbed\Http\Worker;

require __DIR__.'/vendor/autoload.php';

$factory = new Psr17Factory();
$worker = new Psr7Worker(new Worker(), $factory, $factory, $factory);

// Everything above runs once; the loop turns once for each request, until the server wants this worker to end.
while ($request = $worker->waitRequest()) {
    try {
        $response = $factory->createResponse(200)->withHeader('Content-Type', 'text/plain; charset=utf-8');
        $name = $request->getQueryParams()['name'] ?? null;
        $response->getBody()->write('Hello '.(is_string($name) ? $name : 'PSR-7')."!\n");
        $worker->respond($response);
    } catch (Throwable $error) {
        $worker->fail($error);
    }
}
