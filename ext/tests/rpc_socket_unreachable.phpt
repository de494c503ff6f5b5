--TEST--
Over a socket: nobody is there
--EXTENSIONS--
rr_embed
--FILE--
<?php
require __DIR__ . '/peer.inc';
fclose(peer_listen($tcp));
foreach (['unix:///nowhere/rr.sock', $tcp, 'tcp://[::1]:1'] as $address) {
    $rpc = new RrEmbed\Rpc($address);
    foreach ([static fn() => $rpc->call('rpc.Version', true), static fn() => $rpc->begin('rpc.Version', ''), static fn() => $rpc->config()] as $do) {
        try {
            $do();
        } catch (RrEmbed\Exception\TransportException $e) {
            echo str_replace($tcp, 'ADDRESS', $e->getMessage()), "\n";
        }
    }
}
?>
--EXPECTF--
rpc.Version: unix:///nowhere/rr.sock: No such file or directory (after %f s)
rpc.Version: unix:///nowhere/rr.sock: No such file or directory (after %f s)
rpc.Config: unix:///nowhere/rr.sock: No such file or directory (after %f s)
rpc.Version: ADDRESS: Connection refused (after %f s)
rpc.Version: ADDRESS: Connection refused (after %f s)
rpc.Config: ADDRESS: Connection refused (after %f s)
rpc.Version: tcp://[::1]:1: %s (after %f s)
rpc.Version: tcp://[::1]:1: %s (after %f s)
rpc.Config: tcp://[::1]:1: %s (after %f s)
