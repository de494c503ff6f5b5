<?php
// The usual PSR-7 worker. BENCH_AUTOLOAD names the autoloader, BENCH_PSR7 whose worker class answers.
require getenv('BENCH_AUTOLOAD');

$factory = new Nyholm\Psr7\Factory\Psr17Factory();
$worker = getenv('BENCH_PSR7') === 'official'
    ? new Spiral\RoadRunner\Http\PSR7Worker(Spiral\RoadRunner\Worker::create(), $factory, $factory, $factory)
    : new RrEmbed\Http\Psr7Worker(new RrEmbed\Http\Worker(), $factory, $factory, $factory);
while ($worker->waitRequest() !== null) {
    $worker->respond(new Nyholm\Psr7\Response(200, ['Content-Type' => 'text/plain'], 'Hello World!'));
}
