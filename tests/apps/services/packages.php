<?php
// Plays the unmodified RoadRunner packages against a server: php packages.php AUTOLOAD RPC. Prints one JSON object.
declare(strict_types=1);

use Spiral\Goridge\RPC\RPC;
use Spiral\RoadRunner\Metrics\Collector;
use Spiral\RoadRunner\Metrics\Metrics;
use Spiral\RoadRunner\Services\Manager;
use RoadRunner\Logger\Logger;

require $argv[1];
$rpc = RPC::create($argv[2]);
$seen = [];
$failure = static function (callable $call): string {
    try {
        $call();
        return '';
    } catch (\Throwable $e) {
        return $e->getMessage();
    }
};

$metrics = new Metrics($rpc);
$metrics->declare('orders', Collector::counter()->withHelp('Orders')->withLabels('shop', 'way')->withNamespace('app'));
$metrics->declare('orders', Collector::counter());
$metrics->declare('level', Collector::gauge());
$metrics->declare('took', Collector::histogram(0.1, 0.5)->withSubsystem('db'));
$metrics->declare('size', Collector::summary());
$metrics->add('orders', 2, ['north', 'card']);
$metrics->add('orders', 1.5, ['north', 'card']);
$metrics->set('level', 10);
$metrics->sub('level', 3);
$metrics->observe('took', 0.2);
$metrics->observe('size', 7);
$metrics->declare('gone', Collector::gauge());
$metrics->unregister('gone');
$seen['undefined'] = $failure(fn () => $metrics->add('nope', 1));
$seen['labels'] = $failure(fn () => $metrics->add('orders', 1, []));

$services = new Manager($rpc);
$seen['list'] = $services->list();
$seen['created'] = $services->create('nap', 'sleep 60', processNum: 2, env: ['a' => 'b']);
$seen['twice'] = $failure(fn () => $services->create('nap', 'sleep 60'));
$seen['listed'] = $services->list();
$before = array_column($services->statuses('nap'), 'pid');
$seen['restarted'] = $services->restart('nap');
$after = $services->statuses('nap');
$seen['replaced'] = count($before) === 2 && array_intersect($before, array_column($after, 'pid')) === [];
$seen['command'] = $after[0]['command'];
$seen['terminated'] = $services->terminate('nap');
$seen['left'] = $services->list();
$seen['unknown'] = $failure(fn () => $services->terminate('nap'));

$logger = new Logger($rpc);
$logger->info('plain');
$logger->warning('with context', ['id' => 7, 'list' => [1, 2], 'text' => 'x']);
$logger->log('to stderr', ['k' => 'v']);
$seen['pids'] = $before;

echo json_encode($seen, JSON_THROW_ON_ERROR | JSON_UNESCAPED_SLASHES), "\n";
