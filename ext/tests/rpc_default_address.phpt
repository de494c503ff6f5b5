--TEST--
The default server of a script: rr_embed.rpc, and RR_RPC before it
--EXTENSIONS--
rr_embed
--ENV--
RR_RPC=
--INI--
rr_embed.rpc=unix:///nowhere/ini.sock
--SKIPIF--
<?php if (RrEmbed\in_worker()) die('skip this is a server'); ?>
--FILE--
<?php
var_dump(RrEmbed\transport(), RrEmbed\available());
echo (new RrEmbed\Rpc())->address(), "\n";
echo (new RrEmbed\Rpc('tcp://localhost:1'))->address(), "\n";
try {
    (new RrEmbed\Rpc())->call('rpc.Version', true);
} catch (RrEmbed\Exception\TransportException $e) {
    echo $e->getMessage(), "\n";
}
?>
--EXPECTF--
enum(RrEmbed\Transport::Socket)
bool(true)
unix:///nowhere/ini.sock
tcp://localhost:1
rpc.Version: unix:///nowhere/ini.sock: No such file or directory (after %f s)
