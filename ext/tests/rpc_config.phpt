--TEST--
RrEmbed\Rpc::config(): the whole, a section, one that is not there
--EXTENSIONS--
rr_embed
--SKIPIF--
<?php if (!RrEmbed\available()) die('skip no server: set RR_RPC'); ?>
--FILE--
<?php
$rpc = new RrEmbed\Rpc();
$all = $rpc->config();
var_dump($all['version'], $rpc->config('HTTP') === $all['http'], $rpc->config('nosuch'), $rpc->config('version'));
?>
--EXPECT--
string(1) "3"
bool(true)
array(0) {
}
array(1) {
  [0]=>
  string(1) "3"
}
