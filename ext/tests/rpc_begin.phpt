--TEST--
RrEmbed\Rpc::begin(): several calls on their way, results in any order
--EXTENSIONS--
rr_embed
--SKIPIF--
<?php if (!RrEmbed\available()) die('skip no server: set RR_RPC'); ?>
--FILE--
<?php
use RrEmbed\{Codec, Rpc};
use RrEmbed\Exception\{InvalidStateException, ServiceException};

$rpc = new Rpc();
$version = json_encode($rpc->call('rpc.Version', true));
$calls = [];
for ($i = 0; $i < 500; ++$i) {
    $calls[] = $rpc->begin($i % 5 ? 'rpc.Version' : 'rpc.NoSuch', 'true', Codec::Json);
}
$good = $bad = 0;
foreach (array_reverse($calls) as $call) {
    try {
        $good += $call->result() === $version ? 1 : 0;
    } catch (ServiceException $e) {
        $bad += $e->serverMessage === "rpc: can't find method rpc.NoSuch" ? 1 : 0;
    }
}
var_dump($good, $bad);

$call = $rpc->begin('rpc.Config', '');
while (!$call->ready()) {
    usleep(1000);
}
var_dump(is_array(json_decode($call->result(0), true)), $call->ready(), $call->result() === $call->result());
$call->cancel();
$call->cancel();
foreach ([static fn() => $call->result(), static fn() => $call->ready()] as $late) {
    try {
        $late();
    } catch (InvalidStateException $e) {
        echo $e->getMessage(), "\n";
    }
}
// Dropped on the way: those that follow get their own results.
for ($i = 0; $i < 50; ++$i) {
    $rpc->begin('rpc.Config', '');
    $rpc->send('rpc.Version', 'true', Codec::Json);
}
var_dump(json_encode($rpc->call('rpc.Version', true)) === $version);
?>
--EXPECT--
int(400)
int(100)
bool(true)
bool(true)
bool(true)
the call was cancelled
the call was cancelled
bool(true)
