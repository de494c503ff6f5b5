--TEST--
Over a socket: a connection that the server has closed meanwhile is replaced, one call is sent once
--EXTENSIONS--
rr_embed
--FILE--
<?php
require __DIR__ . '/peer.inc';
$path = tempnam(sys_get_temp_dir(), 'rr');
unlink($path);
$servers = ['tcp' => peer_listen($tcp), 'unix' => stream_socket_server("unix://$path")];
foreach ($servers as $kind => $server) {
    $rpc = new RrEmbed\Rpc($kind === 'tcp' ? $tcp : "unix://$path");
    for ($i = 1; $i <= 3; ++$i) {
        $call = $rpc->begin('a.B', "call $i");
        $peer = stream_socket_accept($server);
        [$sequence, , $argument] = peer_take($peer);
        fwrite($peer, peer_frame($sequence, 'a.B', "reply to $argument"));
        echo $kind, ': ', $call->result(), "\n";
        fclose($peer);
    }
}
unlink($path);
// Two objects of one address share a connection.
$one = (new RrEmbed\Rpc($tcp))->begin('a.B', '1');
$two = (new RrEmbed\Rpc($tcp))->begin('a.B', '2');
$peer = stream_socket_accept($servers['tcp']);
foreach ([$one, $two] as $call) {
    [$sequence, , $argument] = peer_take($peer);
    fwrite($peer, peer_frame($sequence, 'a.B', $argument));
}
echo $one->result(), $two->result(), "\n";
?>
--EXPECT--
tcp: reply to call 1
tcp: reply to call 2
tcp: reply to call 3
unix: reply to call 1
unix: reply to call 2
unix: reply to call 3
12
