<?php

// The unmodified packages for locks and for keys and values, against a running server:
// php shared.php AUTOLOAD RPC STORAGE…   Prints "ok", or what was otherwise than it should be.

declare(strict_types=1);

use RoadRunner\Lock\Lock;
use Spiral\Goridge\RPC\RPC;
use Spiral\RoadRunner\KeyValue\Exception\NotImplementedException;
use Spiral\RoadRunner\KeyValue\Exception\StorageException;
use Spiral\RoadRunner\KeyValue\Factory;

require $argv[1];

function same(mixed $expected, mixed $seen, string $what): void
{
    if ($expected !== $seen) {
        echo "$what: ", var_export($seen, true), ' instead of ', var_export($expected, true), "\n";
        exit(1);
    }
}

function locks(RPC $rpc): void
{
    $lock = new Lock($rpc);
    $id = $lock->lock('res', ttl: 20);
    same(true, is_string($id), 'lock');
    same(false, $lock->lock('res', 'other'), 'lock of another');
    same(false, $lock->lock('res', 'other', waitTTL: 0.05), 'lock of another that waits');
    same(true, $lock->exists('res'), 'exists');
    same(true, $lock->exists('res', $id), 'exists by id');
    same(false, $lock->exists('res', 'other'), 'exists by another id');
    same(true, $lock->updateTTL('res', $id, 0.05), 'updateTTL');
    same('other', $lock->lock('res', 'other', waitTTL: 30), 'lock after the TTL');
    same(false, $lock->release('res', $id), 'release of what has ended');
    same(true, $lock->release('res', 'other'), 'release');
    same('a', $lock->lockRead('res', 'a', ttl: 5), 'lockRead');
    same('b', $lock->lockRead('res', 'b', ttl: 5), 'lockRead of two');
    same(true, $lock->forceRelease('res'), 'forceRelease');
    same(false, $lock->exists('res'), 'exists after all');
}

function storage(RPC $rpc, string $name): void
{
    $cache = (new Factory($rpc))->select($name);
    same(true, $cache->clear(), "$name clear");
    same('none', $cache->get('a', 'none'), "$name get");
    same(true, $cache->set('a', ['x' => 1.5, 'y' => "\0\xff"]), "$name set");
    same(['x' => 1.5, 'y' => "\0\xff"], $cache->get('a'), "$name get");
    same(true, $cache->setMultiple(['b' => 1, 'c' => null, 'd' => ''], 600), "$name setMultiple");
    same(['a' => ['x' => 1.5, 'y' => "\0\xff"], 'b' => 1, 'd' => '', 'e' => 'none'],
        iterator_to_array($cache->getMultiple(['a', 'b', 'd', 'e'], 'none')), "$name getMultiple");
    same([true, false], [$cache->has('c'), $cache->has('e')], "$name has");
    try {
        $end = $cache->getTtl('b');
        same(true, $end !== null && abs($end->getTimestamp() - time() - 600) < 60, "$name getTtl");
        same(null, $cache->getTtl('a'), "$name getTtl of none");
    } catch (NotImplementedException) {
        same('memcached', $name, 'getTtl');
    }
    same(true, $cache->delete('a'), "$name delete");
    same(true, $cache->deleteMultiple(['b', 'e']), "$name deleteMultiple");
    same([false, false, true], [$cache->has('a'), $cache->has('b'), $cache->has('c')], "$name has");
    same(true, $cache->clear(), "$name clear");
    same(false, $cache->has('c'), "$name has after clear");
}

$rpc = RPC::create($argv[2]);
locks($rpc);
foreach (array_slice($argv, 3) as $name) {
    storage($rpc, $name);
}
try {
    (new Factory($rpc))->select('ghost')->has('a');
    same('StorageException', null, 'a storage that is not there');
} catch (StorageException) {
}
echo "ok\n";
