--TEST--
RrEmbed\Jobs\Queue: what goes to the server
--EXTENSIONS--
rr_embed
--FILE--
<?php
use RrEmbed\Exception\TimeoutException;
use RrEmbed\Jobs\{Options, Queue};
use RrEmbed\Rpc;

require __DIR__ . '/peer.inc';
$server = peer_listen($address);
$rpc = new Rpc($address, 0.05);
$peer = null;
// Nobody answers: what was sent is read when the call is over.
$sends = function (callable $call) use ($server, &$peer): void {
    try {
        $call();
        echo "an answer\n";
    } catch (TimeoutException) {
        $peer ??= stream_socket_accept($server, 10);
        [, $method, $body] = peer_take($peer);
        echo $method, ' ', addcslashes($body, "\0..\x1f\\\x7f..\xff"), "\n";
    }
};
$queue = new Queue('mail', new Options(id: 'default', priority: 3), $rpc);
$sends(fn () => $queue->push('welcome', 'the payload'));
$sends(fn () => $queue->push('w', "\0\xff", new Options(-1, 1.2, true, '7', ['a' => 'b', 'none' => [], 'list' => ['c', 'd'], 5 => '6'], ['topic' => 't', 'metadata' => 'm', 'offset' => 300, 'partition' => 2])));
$sends(fn () => $queue->push('', '', new Options(id: '0')));
$many = function () {
    yield ['a', 'b'];
    yield ['c', 'd', new Options(id: 'e')];
};
$sends(fn () => $queue->pushMany($many()));
$sends(fn () => $queue->pushMany([['a', 'b', null]]));
$sends(fn () => $queue->pause());
$sends(fn () => $queue->resume());
$sends(fn () => $queue->stats());
var_dump($queue->pushMany([]));
--EXPECT--
jobs.Push \n)\n\awelcome\022\adefault\032\vthe payload*\b\b\003\022\004mail
jobs.Push \nP\n\001w\022\0017\032\002\000\377"\b\n\001a\022\003\n\001b"\016\n\004list\022\006\n\001c\n\001d"\b\n\0015\022\003\n\0016* \b\377\377\377\377\377\377\377\377\377\001\022\004mail\030\0020\001:\001tB\001mH\254\002P\002
jobs.Push \n\v\022\0010*\006\022\004mail
jobs.PushBatch \n\031\n\001a\022\adefault\032\001b*\b\b\003\022\004mail\n\021\n\001c\022\001e\032\001d*\006\022\004mail
jobs.PushBatch \n\031\n\001a\022\adefault\032\001b*\b\b\003\022\004mail
jobs.Pause \n\004mail
jobs.Resume \n\004mail
jobs.Stat 
array(0) {
}
