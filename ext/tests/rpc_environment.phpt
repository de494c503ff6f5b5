--TEST--
The default server of a script: RR_RPC wins over rr_embed.rpc; one that is no address
--EXTENSIONS--
rr_embed
--ENV--
RR_RPC=7 seas
--INI--
rr_embed.rpc=unix:///nowhere/ini.sock
--SKIPIF--
<?php if (RrEmbed\in_worker()) die('skip this is a server'); ?>
--FILE--
<?php
try {
    (new RrEmbed\Rpc())->call('rpc.Version', true);
} catch (RrEmbed\Exception\TransportException $e) {
    echo $e->getMessage(), "\n";
}
var_dump(RrEmbed\available());
?>
--EXPECT--
unsupported RPC address "7 seas": tcp://host:port, :port or unix://path is expected
bool(true)
