--TEST--
Over a socket: a call that takes too long, and its reply that comes late
--EXTENSIONS--
rr_embed
--INI--
rr_embed.rpc_timeout=0.2
--FILE--
<?php
require __DIR__ . '/peer.inc';
$server = peer_listen($address);
$say = static function (Closure $do) use ($address) {
    try {
        echo $do(), "\n";
    } catch (RrEmbed\Exception\TimeoutException $e) {
        echo str_replace($address, 'ADDRESS', $e->getMessage()), "\n";
    }
};
$say(static fn() => (new RrEmbed\Rpc($address, 0.05))->call('a.B', 'slow', RrEmbed\Codec::Raw));
$say(static fn() => (new RrEmbed\Rpc($address))->call('a.B', 'slow', RrEmbed\Codec::Raw));
$peer = stream_socket_accept($server);
foreach ([1, 2] as $unused) {
    [$sequence] = peer_take($peer);
    fwrite($peer, peer_frame($sequence, 'a.B', 'late'));
}
$call = (new RrEmbed\Rpc($address))->begin('a.B', 'next');
$say(static fn() => $call->result(0));
[$sequence] = peer_take($peer);
fwrite($peer, peer_frame($sequence, 'a.B', 'in time'));
$say(static fn() => $call->result());
var_dump(ini_set('rr_embed.rpc_timeout', '0'), ini_set('rr_embed.rpc_timeout', 'soon'), ini_set('rr_embed.rpc_timeout', '3'));
var_dump(ini_set('rr_embed.rpc', 'tcp://127.0.0.1:1'));
?>
--EXPECT--
a.B: ADDRESS: no answer within 0.05 s
a.B: ADDRESS: no answer within 0.2 s
a.B: ADDRESS: no answer within 0 s
in time
bool(false)
bool(false)
string(3) "0.2"
bool(false)
