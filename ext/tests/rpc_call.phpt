--TEST--
RrEmbed\Rpc::call(): values, bytes and the server's errors
--EXTENSIONS--
rr_embed
--SKIPIF--
<?php if (!RrEmbed\available()) die('skip no server: set RR_RPC'); ?>
--FILE--
<?php
use RrEmbed\{Codec, Rpc};

$rpc = new Rpc();
var_dump(RrEmbed\available(), in_array(RrEmbed\transport(), [RrEmbed\Transport::Host, RrEmbed\Transport::Socket], true), $rpc->address() !== '');
$version = $rpc->call('rpc.Version', true);
var_dump(preg_match('/^\d+\.\d+/', $version), $rpc->call('rpc.Version', true, Codec::Json) === $version);
var_dump($rpc->call('informer.List', true) !== []);
var_dump(is_array(json_decode($rpc->call('rpc.Config', '', Codec::Raw), true)));
foreach ([['nosuch.Method', true], ['rpc.NoSuch', true], ['nodot', null], ['rpc.Version', 'text'], ['rpc.Version', [1]]] as [$method, $payload]) {
    try {
        $rpc->call($method, $payload);
    } catch (RrEmbed\Exception\ServiceException $e) {
        echo $e->method, ' | ', $e->serverMessage, ' | ', $e->getMessage(), "\n";
    }
}
try {
    $rpc->call('rpc.Version', str_repeat('x', 8 << 20));
} catch (RrEmbed\Exception\ServiceException $e) {
    echo $e->serverMessage, "\n";
}
var_dump($rpc->call('rpc.Version', true) === $version);
?>
--EXPECT--
bool(true)
bool(true)
bool(true)
int(1)
bool(true)
bool(true)
bool(true)
nosuch.Method | rpc: can't find service nosuch.Method | nosuch.Method: rpc: can't find service nosuch.Method
rpc.NoSuch | rpc: can't find method rpc.NoSuch | rpc.NoSuch: rpc: can't find method rpc.NoSuch
nodot | rpc: service/method request ill-formed: nodot | nodot: rpc: service/method request ill-formed: nodot
rpc.Version | json: cannot unmarshal string into Go value of type bool | rpc.Version: json: cannot unmarshal string into Go value of type bool
rpc.Version | json: cannot unmarshal array into Go value of type bool | rpc.Version: json: cannot unmarshal array into Go value of type bool
json: cannot unmarshal string into Go value of type bool
bool(true)
