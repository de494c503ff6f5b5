--TEST--
Over a socket: replies are matched by their sequence, in any order and in any pieces; errors and large ones too
--EXTENSIONS--
rr_embed
--FILE--
<?php
require __DIR__ . '/peer.inc';
$server = peer_listen($address);
$rpc = new RrEmbed\Rpc($address);
$calls = [];
foreach (['a.One', 'a.Two', 'a.Three', 'a.Four'] as $method) {
    $calls[] = $rpc->begin($method, "argument of $method");
}
$peer = stream_socket_accept($server);
foreach ($calls as $call) {
    $taken[] = peer_take($peer);
}
echo implode(', ', array_map(static fn($each) => "$each[1] $each[2]", $taken)), "\n";
$large = str_repeat('0123456789abcdef', 4096);
$frames = peer_frame($taken[3][0], 'a.Four', 'four') . peer_frame($taken[1][0], 'a.Two', 'no such thing', 4 | 0x40)
    . peer_frame($taken[0][0], 'a.One', $large) . peer_frame($taken[2][0], 'a.Three', '');
fwrite($peer, substr($frames, 0, 7));
var_dump($calls[3]->ready());
try {
    $calls[3]->result(0.01);
} catch (RrEmbed\Exception\TimeoutException $e) {
    echo str_replace($address, 'ADDRESS', $e->getMessage()), "\n";
}
fwrite($peer, substr($frames, 7, 30));
var_dump($calls[3]->result());
foreach (str_split(substr($frames, 37), 4096) as $piece) {
    fwrite($peer, $piece);
    $calls[2]->ready();
}
var_dump($calls[2]->result(), $calls[0]->result() === $large);
try {
    $calls[1]->result();
} catch (RrEmbed\Exception\ServiceException $e) {
    echo $e->getMessage(), "\n";
}
?>
--EXPECT--
a.One argument of a.One, a.Two argument of a.Two, a.Three argument of a.Three, a.Four argument of a.Four
bool(false)
a.Four: ADDRESS: no answer within 0.01 s
string(4) "four"
string(0) ""
bool(true)
a.Two: no such thing
