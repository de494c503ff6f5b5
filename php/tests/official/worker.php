<?php

declare(strict_types=1);

/*
 * A worker of RoadRunner's own packages on our objects, for HTTP:
 *
 *     php worker.php VENDOR KIND     KIND: worker (NativeWorker), relay (NativeRelay), psr7 (Psr7Worker), factory (RpcFactory)
 */

use Nyholm\Psr7\Factory\Psr17Factory;
use Nyholm\Psr7\Response;
use RrEmbed\Bridge\Spiral\Environment;
use RrEmbed\Bridge\Spiral\NativeRelay;
use RrEmbed\Bridge\Spiral\NativeWorker;
use RrEmbed\Bridge\Spiral\Psr7Worker;
use RrEmbed\Bridge\Spiral\RpcFactory;
use Spiral\RoadRunner\Http\HttpWorker;
use Spiral\RoadRunner\Worker;

/** @var list<string> $argv */
[, $vendor, $kind] = $argv;
require "{$vendor}/autoload.php";
require dirname(__DIR__, 2).'/autoload.php';

$pieces = static function (int $count): Generator {
    try {
        for ($i = 1; $i <= $count; ++$i) {
            yield "piece {$i}\n";
        }
    } finally {
        file_put_contents('php://stderr', "generator ended\n");
    }

    return 'last';
};
$environment = new Environment();
$about = static fn (): string => json_encode([
    'mode' => $environment->getMode(), 'rpc' => is_string(RpcFactory::create()->call('rpc.Version', true)), 'address' => $environment->getRPCAddress(),
], \JSON_THROW_ON_ERROR | \JSON_UNESCAPED_SLASHES);

$packages = static fn (): string => json_encode((require __DIR__.'/operations.php')(RpcFactory::create(), null, 'thr_'), \JSON_THROW_ON_ERROR);

if ('psr7' === $kind) {
    $factory = new Psr17Factory();
    $psr7 = new Psr7Worker($factory, $factory, $factory);
    while ($request = $psr7->waitRequest()) {
        $path = $request->getUri()->getPath();
        match ($path) {
            '/echo' => $psr7->respond(new Response(201, ['X-Method' => $request->getMethod()], (string) $request->getBody())),
            '/pieces' => $psr7->getHttpWorker()->respond(200, $pieces(3), ['X-Kind' => ['a', 'b']]),
            '/endless' => $psr7->getHttpWorker()->respond(200, $pieces(\PHP_INT_MAX)),
            '/hint' => [$psr7->getHttpWorker()->respond(103, '', ['Link' => ['</a.css>']]), $psr7->getHttpWorker()->respond(200, 'hinted')],
            '/error' => $psr7->getWorker()->error('failed on purpose'),
            '/about' => $psr7->respond(new Response(200, [], $about())),
            '/stop' => [$psr7->getWorker()->stop(), $psr7->respond(new Response(200, [], 'stopped'))],
            default => $psr7->respond(new Response(404)),
        };
    }
    exit(0);
}

$http = new HttpWorker('relay' === $kind ? new Worker(new NativeRelay()) : new NativeWorker());
while ($request = $http->waitRequest()) {
    match (parse_url($request->uri, \PHP_URL_PATH)) {
        '/echo' => $http->respond(201, $request->body, ['X-Method' => [$request->method]]),
        '/pieces' => $http->respond(200, $pieces(3), ['X-Kind' => ['a', 'b']]),
        '/endless' => $http->respond(200, $pieces(\PHP_INT_MAX)),
        '/hint' => [$http->respond(103, '', ['Link' => ['</a.css>']], false), $http->respond(200, 'hinted')],
        '/error' => $http->getWorker()->error('failed on purpose'),
        '/about' => $http->respond(200, $about()),
        '/packages' => $http->respond(200, $packages()),
        '/stop' => [$http->respond(200, 'stopped'), $http->getWorker()->stop()],
        default => $http->respond(404),
    };
}
