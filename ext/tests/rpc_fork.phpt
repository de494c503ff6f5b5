--TEST--
A child of fork() has a connection of its own; the call of its parent is not its
--EXTENSIONS--
rr_embed
pcntl
--SKIPIF--
<?php
if (!RrEmbed\available()) die('skip no server: set RR_RPC');
if (RrEmbed\in_worker()) die('skip threads do not fork');
if (!function_exists('pcntl_fork')) die('skip no pcntl');
?>
--FILE--
<?php
$rpc = new RrEmbed\Rpc();
$version = $rpc->call('rpc.Version', true);
$call = $rpc->begin('rpc.Version', 'true', RrEmbed\Codec::Json);
$child = pcntl_fork();
if ($child === 0) {
    $same = true;
    for ($i = 0; $i < 100; ++$i) {
        $same = $same && $rpc->call('rpc.Version', true) === $version;
    }
    var_dump($same);
    try {
        $call->result();
    } catch (RrEmbed\Exception\TransportException $e) {
        echo preg_replace('/ \S+: /', ' ADDRESS: ', $e->getMessage(), 1), "\n";
    }
    exit(3);
}
pcntl_waitpid($child, $status);
var_dump(pcntl_wexitstatus($status), json_decode($call->result()) === $version, $rpc->call('rpc.Version', true) === $version);
?>
--EXPECTF--
bool(true)
rpc.Version: ADDRESS: the call was made by another process, which has its reply (after %f s)
int(3)
bool(true)
bool(true)
