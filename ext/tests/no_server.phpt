--TEST--
Without a server: what can be asked says so, calls throw when they are made and not before
--EXTENSIONS--
rr_embed
--ENV--
RR_RPC=
--INI--
rr_embed.rpc=
--SKIPIF--
<?php if (RrEmbed\in_worker()) die('skip this is a server'); ?>
--FILE--
<?php
var_dump(RrEmbed\transport(), RrEmbed\available(), RrEmbed\in_worker(), RrEmbed\mode(), RrEmbed\worker_id());
var_dump((new RrEmbed\Rpc())->address());
var_dump(RrEmbed\finish_request(), RrEmbed\send_informational(103, []), RrEmbed\connection_alive());
RrEmbed\recycle();
$rpc = new RrEmbed\Rpc();
foreach ([
    static fn() => $rpc->call('rpc.Version', true),
    static fn() => $rpc->begin('rpc.Version', ''),
    static fn() => $rpc->send('rpc.Version', ''),
    static fn() => $rpc->config(),
    static fn() => RrEmbed\Worker::current(),
    static fn() => new RrEmbed\Http\Worker(),
    static fn() => RrEmbed\handle_request(static fn() => null),
] as $call) {
    try {
        $call();
        echo "no exception\n";
    } catch (RrEmbed\Exception\NotInServerException $e) {
        echo $e->getMessage(), "\n";
    }
}
?>
--EXPECT--
enum(RrEmbed\Transport::None)
bool(false)
bool(false)
NULL
NULL
string(0) ""
bool(false)
bool(false)
bool(true)
RrEmbed\Rpc needs a running rr-embed or RoadRunner server: this process is not a worker, RR_RPC is not set and rr_embed.rpc is empty. Use "rr-embed serve" or pass new RrEmbed\Rpc('tcp://127.0.0.1:6001').
RrEmbed\Rpc needs a running rr-embed or RoadRunner server: this process is not a worker, RR_RPC is not set and rr_embed.rpc is empty. Use "rr-embed serve" or pass new RrEmbed\Rpc('tcp://127.0.0.1:6001').
RrEmbed\Rpc needs a running rr-embed or RoadRunner server: this process is not a worker, RR_RPC is not set and rr_embed.rpc is empty. Use "rr-embed serve" or pass new RrEmbed\Rpc('tcp://127.0.0.1:6001').
RrEmbed\Rpc needs a running rr-embed or RoadRunner server: this process is not a worker, RR_RPC is not set and rr_embed.rpc is empty. Use "rr-embed serve" or pass new RrEmbed\Rpc('tcp://127.0.0.1:6001').
RrEmbed\Worker needs a running rr-embed or RoadRunner server: this process is not a worker, RR_RPC is not set and rr_embed.rpc is empty. Use "rr-embed serve" or pass new RrEmbed\Rpc('tcp://127.0.0.1:6001').
RrEmbed\Http\Worker needs a running rr-embed or RoadRunner server: this process is not a worker, RR_RPC is not set and rr_embed.rpc is empty. Use "rr-embed serve" or pass new RrEmbed\Rpc('tcp://127.0.0.1:6001').
RrEmbed\handle_request() needs a running rr-embed or RoadRunner server: this process is not a worker, RR_RPC is not set and rr_embed.rpc is empty. Use "rr-embed serve" or pass new RrEmbed\Rpc('tcp://127.0.0.1:6001').
