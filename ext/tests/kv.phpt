--TEST--
RrEmbed\Kv: values of any bytes, several at once, times to live
--EXTENSIONS--
rr_embed
--SKIPIF--
<?php if (!RrEmbed\available()) die('skip no server: set RR_RPC'); ?>
--FILE--
<?php
use RrEmbed\Kv;

$kv = new Kv('cache');
var_dump($kv->get('none'), $kv->has('none'));
$kv->set('a', "\0\xff\r\n");
$kv->set('empty', '');
var_dump($kv->get('a') === "\0\xff\r\n", $kv->get('empty'), $kv->has('a'));
$large = str_repeat('0123456789abcdef', 1 << 16);
$kv->set('large', $large);
var_dump($kv->get('large') === $large);

$kv->setMany(['x' => '1', 'y' => '2', 7 => 'seven']);
var_dump($kv->getMany(['y', 'none', 'x', '7', 'x']));
var_dump($kv->hasMany(['y', 'none', 7]));
var_dump($kv->getMany([]), $kv->hasMany([]));
$kv->setMany([]);
$kv->delete();
$kv->delete('x', 'none', 'y');
var_dump($kv->hasMany(['x', 'y', '7']));

$kv->set('short', 'v', ttl: 60);
$left = $kv->ttl('short');
var_dump($left > 57 && $left <= 60, $kv->ttl('a'), $kv->ttl('none'));
$kv->touch(600, 'short', 'a', 'none');
var_dump($kv->ttl('short') > 590, $kv->ttl('a') > 590, $kv->get('a') === "\0\xff\r\n", $kv->has('none'));
$kv->set('short', 'v');
var_dump($kv->ttl('short'));
$kv->set('moment', 'v', 0.05);
$until = microtime(true) + 5;
while ($kv->has('moment') && microtime(true) < $until) {
    usleep(1000);
}
var_dump($kv->get('moment'));
$kv->clear();
var_dump($kv->hasMany(['a', '7', 'short', 'large']));
--EXPECT--
NULL
bool(false)
bool(true)
string(0) ""
bool(true)
bool(true)
array(3) {
  ["y"]=>
  string(1) "2"
  ["x"]=>
  string(1) "1"
  [7]=>
  string(5) "seven"
}
array(3) {
  ["y"]=>
  bool(true)
  ["none"]=>
  bool(false)
  [7]=>
  bool(true)
}
array(0) {
}
array(0) {
}
array(3) {
  ["x"]=>
  bool(false)
  ["y"]=>
  bool(false)
  [7]=>
  bool(true)
}
bool(true)
NULL
NULL
bool(true)
bool(true)
bool(true)
bool(false)
NULL
NULL
array(4) {
  ["a"]=>
  bool(false)
  [7]=>
  bool(false)
  ["short"]=>
  bool(false)
  ["large"]=>
  bool(false)
}
