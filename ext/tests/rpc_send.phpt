--TEST--
RrEmbed\Rpc::send(): nobody waits, errors go to the log
--EXTENSIONS--
rr_embed
--SKIPIF--
<?php if (!RrEmbed\available()) die('skip no server: set RR_RPC'); ?>
--FILE--
<?php
$log = tempnam(sys_get_temp_dir(), 'rr_embed');
ini_set('error_log', $log);
$rpc = new RrEmbed\Rpc();
var_dump($rpc->send('rpc.NoSuch', ''));
// A call later its reply has come: replies of one method that does not block are in order.
$rpc->call('rpc.Version', true);
$rpc->send('rpc.Version', 'true', RrEmbed\Codec::Json);
echo preg_replace('/^\[.*?\] /m', '', file_get_contents($log));
unlink($log);
?>
--EXPECT--
NULL
rr_embed: rpc.NoSuch failed: rpc: can't find method rpc.NoSuch
