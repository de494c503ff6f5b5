<?php
// A short value of the storage `mem` over a unix socket, one call after the other: php kv-get.php SOCKET SECONDS AUTOLOADER [official].
// AUTOLOADER may be "-" with the extension. The client is RrEmbed\Kv, or with `official` that of RoadRunner's package. Prints what measure.php does.
[, $socket, $seconds, $autoload, $client] = $argv + [4 => ''];
if ($autoload !== '-') {
    require $autoload;
}
require __DIR__ . '/measure.php';

const KEY = 'user:4711';
const VALUE = 'a value of thirty-two characters';
if ($client === 'official') {
    $kv = (new Spiral\RoadRunner\KeyValue\Factory(Spiral\Goridge\RPC\RPC::create("unix://$socket")))->select('mem');
} else {
    $kv = new RrEmbed\Kv('mem', new RrEmbed\Rpc("unix://$socket"));
}
$kv->set(KEY, VALUE);
for ($i = 0; $i < 500; ++$i) {
    $kv->get(KEY) === VALUE || exit(1);
}
measure(static fn (): mixed => $kv->get(KEY), (float) $seconds);
