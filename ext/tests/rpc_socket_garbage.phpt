--TEST--
Over a socket: what is no reply ends the connection with TransportException, the next call makes a new one
--EXTENSIONS--
rr_embed
--FILE--
<?php
require __DIR__ . '/peer.inc';
$server = peer_listen($address);
$rpc = new RrEmbed\Rpc($address);
$good = peer_frame(1, 'a.B', 'c');
$long = pack('CCV', 0x15, 4, 0x7fffffff);
foreach ([
    'text' => "HTTP/1.1 400 Bad Request\r\n\r\n",
    'checksum' => substr($good, 0, 6) . "\0\0\0\0" . substr($good, 10),
    'header of 15 words' => ($head = pack('CCV', 0x1f, 4, 4)) . pack('V', crc32($head)) . "\0\0" . str_repeat("\0", 52),
    'too long' => $long . pack('V', crc32($long)) . "\0\0" . pack('VV', 1, 3),
    'no options' => ($head = pack('CCV', 0x13, 4, 1)) . pack('V', crc32($head)) . "\0\0x",
    'method longer than the payload' => ($head = pack('CCV', 0x15, 4, 1)) . pack('V', crc32($head)) . "\0\0" . pack('VV', 1, 9) . 'x',
    'another sequence' => peer_frame(99999, 'a.B', 'c'),
    'nothing' => '',
    'half a header' => substr($good, 0, 8),
    'half a payload' => substr($good, 0, -1),
] as $what => $bytes) {
    $call = $rpc->begin('a.B', '');
    $other = $rpc->begin('a.B', '');
    $peer = stream_socket_accept($server);
    peer_take($peer);
    peer_take($peer);
    fwrite($peer, $bytes);
    fclose($peer);
    foreach ([$call, $other] as $each) {
        try {
            $each->result();
            echo "no exception\n";
        } catch (RrEmbed\Exception\TransportException $e) {
            $texts[] = preg_replace('/ \(after [\d.]+ s\)$/', ' (after a while)', str_replace($address, 'ADDRESS', $e->getMessage()));
        }
    }
    echo $what, ': ', implode(' + ', array_unique($texts)), "\n";
    $texts = [];
}
?>
--EXPECT--
text: a.B: ADDRESS: the server sent what is no reply: a checksum is wrong (after a while)
checksum: a.B: ADDRESS: the server sent what is no reply: a checksum is wrong (after a while)
header of 15 words: a.B: ADDRESS: the server sent what is no reply: a header has an impossible length (after a while)
too long: a.B: ADDRESS: the server sent what is no reply: a frame is longer than is taken (after a while)
no options: a.B: ADDRESS: the server sent what is no reply: a frame without the two options of a reply (after a while)
method longer than the payload: a.B: ADDRESS: the server sent what is no reply: a frame without the two options of a reply (after a while)
another sequence: a.B: ADDRESS: the server sent what is no reply: it answers a call that was not made (after a while)
nothing: a.B: ADDRESS: the server closed the connection before its reply (after a while)
half a header: a.B: ADDRESS: the server closed the connection before its reply (after a while)
half a payload: a.B: ADDRESS: the server closed the connection before its reply (after a while)
