<?php
// What a script on a thread asks of the server, without a socket: ?row=NAME&seconds=S. Prints JSON: the median of the mean wall time of a
// call, over rounds of 100 000 calls, with the loop around it.
if (!isset($_GET['row'])) {
    exit('up');
}
const CALLS = 100_000;
const VALUE = 'a value of thirty-two characters';
$kv = new RrEmbed\Kv('mem');
for ($i = 0; $i < 1000; ++$i) {
    $kv->set("user:$i", VALUE);
}
$array = ['user:471' => VALUE];
$locks = new RrEmbed\Lock();
$plain = RrEmbed\Metrics::counter('plain');
$labelled = RrEmbed\Metrics::counter('labelled', labels: ['country', 'way']);
$labels = ['country' => 'NL', 'way' => 'card'];

$rows = [
    'kv-get-native' => static function () use ($kv): void {
        for ($i = 0; $i < CALLS; ++$i) {
            $value = $kv->get('user:471');
        }
        $value === VALUE || exit('wrong');
    },
    'kv-get-array' => static function () use ($array): void {
        for ($i = 0; $i < CALLS; ++$i) {
            $value = $array['user:471'];
        }
        $value === VALUE || exit('wrong');
    },
    'kv-set-native' => static function () use ($kv): void {
        for ($i = 0; $i < CALLS; ++$i) {
            $kv->set('user:471', VALUE);
        }
    },
    'metrics-add-native' => static function () use ($plain): void {
        for ($i = 0; $i < CALLS; ++$i) {
            $plain->inc();
        }
    },
    'metrics-add-native-labels' => static function () use ($labelled, $labels): void {
        for ($i = 0; $i < CALLS; ++$i) {
            $labelled->inc(1, $labels);
        }
    },
    'lock-native' => static function () use ($locks): void {
        for ($i = 0; $i < CALLS; ++$i) {
            $locks->acquire('order 17', 30.0, 0.0, 'me')->release();
        }
    },
];
$run = $rows[$_GET['row']];
$run();
$times = [];
$end = hrtime(true) + (float) $_GET['seconds'] * 1e9;
do {
    $began = hrtime(true);
    $run();
    $times[] = (hrtime(true) - $began) / CALLS / 1000;
} while (hrtime(true) < $end);
sort($times);
echo json_encode(['cpu_us_per_request' => $times[intdiv(count($times), 2)]]);
