--TEST--
RrEmbed\Rpc refuses bad arguments before it calls
--EXTENSIONS--
rr_embed
--FILE--
<?php
use RrEmbed\{Codec, Rpc};

$addresses = ['', 'tcp://', 'tcp://host', 'tcp://host:', 'tcp://host:0', 'tcp://host:65536', 'tcp://a b:1', 'tcp://::1:6001', 'unix://',
    'http://127.0.0.1:80', 'unix://' . str_repeat('x', 200), "unix:///a\0b", 'tcp://[::1:6001', 'pipes'];
foreach ($addresses as $address) {
    $rpc = new Rpc($address);
    foreach ([static fn() => $rpc->address(), static fn() => $rpc->begin('rpc.Version', '')] as $do) {
        try {
            $do();
            echo "taken: $address\n";
        } catch (RrEmbed\Exception\TransportException $e) {
            echo $address === '' ? $e->getMessage() . "\n" : '';
        }
    }
}
foreach (['tcp://localhost:6001', 'TCP://LocalHost:06001', ':6001', '127.0.0.1:6001', 'tcp://0.0.0.0:6001', 'tcp://[::1]:6001', 'tcp://[::]:6001',
    'unix:///run/rr.sock', 'unix://rr.sock'] as $address) {
    echo (new Rpc($address))->address(), "\n";
}
foreach ([0, -1.5, NAN] as $timeout) {
    try {
        new Rpc(null, $timeout);
    } catch (ValueError $e) {
        echo $e->getMessage(), "\n";
    }
}
$rpc = new Rpc('unix:///nowhere/rr.sock');
foreach ([Codec::Raw, Codec::Proto, Codec::Msgpack] as $codec) {
    try {
        $rpc->call('kv.Get', ['a'], $codec);
    } catch (TypeError $e) {
        echo $e->getMessage(), "\n";
    }
}
foreach (["\xff", NAN] as $payload) {
    try {
        $rpc->call('kv.Get', $payload);
    } catch (ValueError $e) {
        echo $e->getMessage(), "\n";
    }
}
foreach ([static fn() => clone $rpc, static fn() => serialize($rpc), static fn() => $rpc->own = 1,
    static fn() => new RrEmbed\PendingCall()] as $misuse) {
    try {
        $misuse();
    } catch (Throwable $e) {
        echo $e->getMessage(), "\n";
    }
}
?>
--EXPECT--
unsupported RPC address "": tcp://host:port, :port or unix://path is expected
unsupported RPC address "": tcp://host:port, :port or unix://path is expected
tcp://localhost:6001
tcp://localhost:6001
tcp://127.0.0.1:6001
tcp://127.0.0.1:6001
tcp://127.0.0.1:6001
tcp://[::1]:6001
tcp://[::1]:6001
unix:///run/rr.sock
unix://rr.sock
RrEmbed\Rpc::__construct(): Argument #2 ($timeout) must be greater than 0
RrEmbed\Rpc::__construct(): Argument #2 ($timeout) must be greater than 0
RrEmbed\Rpc::__construct(): Argument #2 ($timeout) must be greater than 0
RrEmbed\Rpc::call(): Argument #2 ($payload) must be of type string, array given
RrEmbed\Rpc::call(): Argument #2 ($payload) must be of type string, array given
RrEmbed\Rpc::call(): Argument #2 ($payload) must be of type string, array given
RrEmbed\Rpc::call(): Argument #2 ($payload) has no form in JSON: Malformed UTF-8 characters, possibly incorrectly encoded
RrEmbed\Rpc::call(): Argument #2 ($payload) has no form in JSON: Inf and NaN cannot be JSON encoded
Trying to clone an uncloneable object of class RrEmbed\Rpc
Serialization of 'RrEmbed\Rpc' is not allowed
Cannot create dynamic property RrEmbed\Rpc::$own
Call to private RrEmbed\PendingCall::__construct() from global scope
