--TEST--
RrEmbed\Kv: what is wrong is said as the server says it
--EXTENSIONS--
rr_embed
--SKIPIF--
<?php if (!RrEmbed\available()) die('skip no server: set RR_RPC'); ?>
--FILE--
<?php
use RrEmbed\Kv;

function fails(callable $call): void
{
    try {
        $call();
        echo "nothing\n";
    } catch (Throwable $e) {
        echo $e::class, ': ', $e instanceof RrEmbed\Exception\ServiceException ? $e->serverMessage : $e->getMessage(), "\n";
    }
}

$ghost = new Kv('ghost');
fails(fn () => $ghost->get('a'));
fails(fn () => $ghost->set('a', 'b'));
fails(fn () => $ghost->clear());
fails(fn () => $ghost->add('a', 'b'));
$kv = new Kv('cache');
fails(fn () => $kv->get(''));
fails(fn () => $kv->hasMany(['a', ' ']));
fails(fn () => $kv->delete(' '));
fails(fn () => $kv->set("\xff", 'b'));
fails(fn () => $kv->getMany(['a', "\xff"]));
fails(fn () => (new RrEmbed\Lock())->acquire("\xff"));
foreach ([0, -1, NAN, INF, 1e12] as $ttl) {
    fails(fn () => $kv->set('a', 'b', $ttl));
}
fails(fn () => $kv->setMany(['a' => 'b'], 0));
fails(fn () => $kv->add('a', 'b', 0));
fails(fn () => $kv->increment('a', 1, 0));
fails(fn () => $kv->compareAndSet('a', null, 'b', 0));
fails(fn () => $kv->touch(0, 'a'));
fails(fn () => $kv->setMany(['a' => 1]));
fails(fn () => clone $kv);
fails(fn () => serialize($kv));
fails(fn () => $kv->__construct('other'));
var_dump($kv->has('a'));
--EXPECT--
RrEmbed\Exception\ServiceException: rpc_mget: no such storage: ghost
RrEmbed\Exception\ServiceException: rpc_set: no such storage: ghost
RrEmbed\Exception\ServiceException: rcp_delete: no such storage: ghost
RrEmbed\Exception\ServiceException: rpc_add: no such storage: ghost
RrEmbed\Exception\ServiceException: rpc_mget: key can't be empty string:
	in_memory_plugin_mget
RrEmbed\Exception\ServiceException: rpc_has: key can't be empty string:
	in_memory_plugin_has
RrEmbed\Exception\ServiceException: rcp_delete: key can't be empty string:
	in_memory_plugin_delete
RrEmbed\Exception\ServiceException: goridge_read_request_body: proto: string field contains invalid UTF-8
RrEmbed\Exception\ServiceException: goridge_read_request_body: proto: string field contains invalid UTF-8
RrEmbed\Exception\ServiceException: goridge_read_request_body: proto: string field contains invalid UTF-8
ValueError: RrEmbed\Kv::set(): Argument #3 ($ttl) must be greater than 0, and end before the year 10000
ValueError: RrEmbed\Kv::set(): Argument #3 ($ttl) must be greater than 0, and end before the year 10000
ValueError: RrEmbed\Kv::set(): Argument #3 ($ttl) must be greater than 0, and end before the year 10000
ValueError: RrEmbed\Kv::set(): Argument #3 ($ttl) must be greater than 0, and end before the year 10000
ValueError: RrEmbed\Kv::set(): Argument #3 ($ttl) must be greater than 0, and end before the year 10000
ValueError: RrEmbed\Kv::setMany(): Argument #2 ($ttl) must be greater than 0, and end before the year 10000
ValueError: RrEmbed\Kv::add(): Argument #3 ($ttl) must be greater than 0, and end before the year 10000
ValueError: RrEmbed\Kv::increment(): Argument #3 ($ttlIfNew) must be greater than 0, and end before the year 10000
ValueError: RrEmbed\Kv::compareAndSet(): Argument #4 ($ttl) must be greater than 0, and end before the year 10000
ValueError: RrEmbed\Kv::touch(): Argument #1 ($ttl) must be greater than 0, and end before the year 10000
TypeError: RrEmbed\Kv::setMany(): Argument #1 ($values) must hold texts, int given
Error: Trying to clone an uncloneable object of class RrEmbed\Kv
Exception: Serialization of 'RrEmbed\Kv' is not allowed
Error: RrEmbed\Kv::__construct() was called already
bool(false)
