<?php

declare(strict_types=1);

/*
 * The operations of RoadRunner's own packages: a function that does them over an RPC and returns what came out, by name.
 *
 * @return Closure(RPCInterface, ?string, string): array<string, mixed>    RPC; address for our classes, null is the environment's;
 *                                                                        prefix of every name, left out of what is returned
 */

use RoadRunner\Lock\Lock;
use RoadRunner\Logger\Logger;
use RrEmbed\Bridge\Psr16\Cache;
use RrEmbed\Kv;
use RrEmbed\Rpc;
use Spiral\Goridge\RPC\RPCInterface;
use Spiral\RoadRunner\Jobs\Jobs;
use Spiral\RoadRunner\KeyValue\Factory;
use Spiral\RoadRunner\Metrics\Collector;
use Spiral\RoadRunner\Metrics\Metrics;
use Spiral\RoadRunner\Services\Manager;
use Spiral\RoadRunner\WorkerPool;

return static function (RPCInterface $rpc, ?string $address, string $p): array {
    $seen = [];
    $try = static function (string $name, callable $operation) use (&$seen, $p): void {
        try {
            $result = $operation();
        } catch (Throwable $error) {
            $previous = $error->getPrevious();
            // Which relay is behind it is not part of a contract.
            $result = [$error::class, $error->getMessage(), null === $previous || str_starts_with($previous::class, 'RrEmbed') ? null : [$previous::class, $previous->getMessage()]];
        }
        $seen[$name] = json_decode(str_replace($p, '', json_encode($result, \JSON_THROW_ON_ERROR | \JSON_PARTIAL_OUTPUT_ON_ERROR)), true);
    };

    // --- kv
    $cache = (new Factory($rpc))->select('mem');
    $ghost = (new Factory($rpc))->select('ghost');
    foreach (['null' => null, 'false' => false, 'integer' => 7, 'text' => 'ü', 'list' => [1, ['a' => 2]]] as $name => $value) {
        $try("kv {$name}", static fn () => [$cache->set("{$p}{$name}", $value), $cache->get("{$p}{$name}", 'default'), $cache->has("{$p}{$name}")]);
    }
    $try('kv object', static fn () => [$cache->set("{$p}o", new DateTimeImmutable('2026-01-02T03:04:05Z')), $cache->get("{$p}o")->format('c')]);
    $try('kv many', static fn () => [$cache->setMultiple(["{$p}a" => 1, "{$p}b" => 2], 100), iterator_to_array($cache->getMultiple(["{$p}a", "{$p}b", "{$p}c"], 'none'))]);
    $try('kv ttl', static fn () => [$cache->getTtl("{$p}a") > new DateTimeImmutable('+90 seconds'), $cache->getTtl("{$p}text"), $cache->getTtl("{$p}none")]);
    $try('kv delete', static fn () => [$cache->delete("{$p}a"), $cache->delete("{$p}a"), $cache->deleteMultiple(["{$p}b", "{$p}c"]), $cache->has("{$p}b")]);
    $try('kv blank key', static fn () => $cache->get(' '));
    $try('kv key of a number', static fn () => $cache->setMultiple([1 => 2]));
    $try('kv no storage', static fn () => $ghost->get('a'));
    $try('kv no storage to write', static fn () => $ghost->set('a', 1));
    // The same storage through ours: values of each are the other's.
    $ours = new Cache(new Kv('mem', new Rpc($address)));
    $try('kv shared', static fn () => [$ours->set("{$p}s", [1]), $cache->get("{$p}s"), $cache->set("{$p}t", ['x' => null]), $ours->get("{$p}t")]);

    // --- lock
    $lock = new Lock($rpc);
    $try('lock', static fn () => [$lock->lock("{$p}r", 'id', 60), $lock->lock("{$p}r", 'other'), $lock->exists("{$p}r"), $lock->exists("{$p}r", 'other'), $lock->updateTTL("{$p}r", 'id', 30), $lock->release("{$p}r", 'other'), $lock->release("{$p}r", 'id'), $lock->exists("{$p}r")]);
    $try('lock shared', static fn () => [$lock->lockRead("{$p}q", 'a', 60), $lock->lockRead("{$p}q", 'b', 60), $lock->lock("{$p}q", 'c', 0, 0.05), $lock->forceRelease("{$p}q"), $lock->lock("{$p}q", 'c')]);
    $try('lock wait', static fn () => [$lock->lock("{$p}w", 'a', 0.1), $lock->lock("{$p}w", 'b', 60, 10)]);

    // --- metrics
    $metrics = new Metrics($rpc);
    $try('metrics declare', static fn () => [$metrics->declare("{$p}orders", Collector::counter()->withHelp('Orders')->withLabels('a', 'b')), $metrics->declare("{$p}orders", Collector::counter()), $metrics->declare("{$p}level", Collector::gauge()), $metrics->declare("{$p}took", Collector::histogram(0.1, 1.0))]);
    $try('metrics use', static fn () => [$metrics->add("{$p}orders", 2, ['x', 'y']), $metrics->set("{$p}level", 5), $metrics->sub("{$p}level", 1.5), $metrics->observe("{$p}took", 0.5)]);
    $try('metrics undefined', static fn () => $metrics->add('nope', 1));
    $try('metrics wrong kind', static fn () => $metrics->sub("{$p}orders", 1, ['x', 'y']));
    $try('metrics labels', static fn () => $metrics->add("{$p}orders", 1, ['x']));
    $try('metrics unregister', static fn () => [$metrics->unregister("{$p}level"), $metrics->set("{$p}level", 1)]);

    // --- services, pool
    $services = new Manager($rpc);
    $try('services', static fn () => [$services->create("{$p}nap", 'sleep 600', processNum: 2, env: ['a' => 'b']), in_array("{$p}nap", $services->list(), true), count($services->statuses("{$p}nap")), $services->statuses("{$p}nap")[0]['command'], $services->restart("{$p}nap"), $services->terminate("{$p}nap")]);
    $try('services unknown', static fn () => $services->terminate("{$p}nap"));
    $try('services no program', static fn () => $services->create("{$p}x", "{$p}nothing"));
    $try('pool', static fn () => (new WorkerPool($rpc))->addWorker('ghost'));

    // --- log
    $logger = new Logger($rpc);
    $try('log', static fn () => [$logger->info("{$p} plain"), $logger->warning("{$p} attributes", ['id' => 7, 'list' => [1], 'text' => 'x']), $logger->error('e'), $logger->debug('d')]);

    // --- jobs: no plugin
    $try('jobs', static fn () => (new Jobs($rpc))->connect('q')->push('name', 'payload'));

    // --- RPC itself
    $try('rpc', static fn () => [is_string($rpc->call('rpc.Version', true)), is_string($rpc->withServicePrefix('rpc')->call('version', true))]);
    $try('rpc unknown', static fn () => $rpc->call('rpc.Nope', true));
    $try('rpc no JSON', static fn () => $rpc->call('rpc.Version', "\xff"));
    $try('rpc prefix', static fn () => $rpc->withServicePrefix('no.such')->call('method', []));

    return $seen;
};
