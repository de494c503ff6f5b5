--TEST--
RrEmbed\Kv: add, increment and compareAndSet are one step
--EXTENSIONS--
rr_embed
--SKIPIF--
<?php if (!RrEmbed\available()) die('skip no server: set RR_RPC'); ?>
--FILE--
<?php
$kv = new RrEmbed\Kv('cache');
var_dump($kv->add('once', '1'), $kv->add('once', '2'), $kv->get('once'));
var_dump($kv->add('lease', 'me', ttl: 60), $kv->ttl('lease') > 57);

var_dump($kv->increment('n'), $kv->increment('n', 41), $kv->increment('n', by: -50), $kv->get('n'));
var_dump($kv->increment('fresh', 1, ttlIfNew: 60), $kv->increment('fresh', 1, ttlIfNew: 6000), $kv->ttl('fresh') <= 60);
var_dump($kv->increment('max', PHP_INT_MAX));

var_dump($kv->compareAndSet('once', 'other', 'x'), $kv->compareAndSet('once', '1', "\0"), $kv->get('once') === "\0");
var_dump($kv->compareAndSet('once', null, 'x'), $kv->compareAndSet('new', null, 'x', 60), $kv->ttl('new') > 57);
var_dump($kv->compareAndSet('none', '', 'x'));

foreach ([fn () => $kv->increment('max'), fn () => $kv->increment('once')] as $call) {
    try {
        $call();
    } catch (RrEmbed\Exception\ServiceException $e) {
        echo $e->method, ': ', $e->serverMessage, "\n";
    }
}
--EXPECT--
bool(true)
bool(false)
string(1) "1"
bool(true)
bool(true)
int(1)
int(42)
int(-8)
string(2) "-8"
int(1)
int(2)
bool(true)
int(9223372036854775807)
bool(false)
bool(true)
bool(true)
bool(false)
bool(true)
bool(true)
bool(false)
kv.Increment: rpc_increment:
	in_memory_plugin_increment: increment or decrement would overflow
kv.Increment: rpc_increment:
	in_memory_plugin_increment: value is not an integer or out of range
