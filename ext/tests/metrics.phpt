--TEST--
RrEmbed\Metrics: what is counted is what the server shows
--EXTENSIONS--
rr_embed
--SKIPIF--
<?php if (!RrEmbed\available()) die('skip no server: set RR_RPC'); ?>
--FILE--
<?php
use RrEmbed\Metrics;

$orders = Metrics::counter('orders', 'Orders taken', ['country', 'way'], 'shop', 'web');
$orders->inc(labels: ['country' => 'NL', 'way' => 'card']);
$orders->inc(2.5, ['way' => 'card', 'country' => 'NL']);
$orders->inc(1, ['way' => 3, 'country' => true]);
Metrics::counter('orders', 'other help', ['country', 'way'], 'shop', 'web')->inc(0, ['country' => 'NL', 'way' => 'card']);
Metrics::counter('plain')->inc();

$size = Metrics::gauge('size');
$size->set(10);
$size->add(5);
$size->sub(2.5);
Metrics::histogram('time', [0.1, 1, '10'])->observe(0.5);
Metrics::histogram('configured', labels: ['path'])->observe(1.5, ['path' => '/']);
$wait = Metrics::summary('wait', ['0.5' => 0.05]);
$wait->observe(3);
Metrics::flush();

$address = (new RrEmbed\Rpc())->config('metrics')['address'];
foreach (explode("\n", file_get_contents("http://$address/metrics")) as $line) {
    if (preg_match('/^(shop_|plain|size|time_|configured|wait)/', $line)) {
        echo $line, "\n";
    }
}
--EXPECT--
configured_count{path="/"} 1
configured_sum{path="/"} 1.5
configured_bucket{path="/",le="1"} 0
configured_bucket{path="/",le="2"} 1
configured_bucket{path="/",le="+Inf"} 1
plain 1
shop_web_orders{country="1",way="3"} 1
shop_web_orders{country="NL",way="card"} 3.5
size 12.5
time_count 1
time_sum 0.5
time_bucket{le="0.1"} 0
time_bucket{le="1"} 1
time_bucket{le="10"} 1
time_bucket{le="+Inf"} 1
wait_count 1
wait_sum 3
wait{quantile="0.5"} 3
