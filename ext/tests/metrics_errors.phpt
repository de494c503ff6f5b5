--TEST--
RrEmbed\Metrics: wrong shapes, labels and values are ValueErrors
--EXTENSIONS--
rr_embed
--SKIPIF--
<?php if (!RrEmbed\available()) die('skip no server: set RR_RPC'); ?>
--FILE--
<?php
use RrEmbed\Metrics;

function fails(callable $call): void
{
    try {
        $call();
        echo "nothing\n";
    } catch (Throwable $e) {
        echo $e::class, ': ', $e->getMessage(), "\n";
    }
}

$orders = Metrics::counter('orders', labels: ['country', 'way']);
fails(fn () => $orders->inc());
fails(fn () => $orders->inc(1, ['country' => 'NL']));
fails(fn () => $orders->inc(1, ['country' => 'NL', 'street' => 'x']));
fails(fn () => $orders->inc(1, ['country' => 'NL', 'way' => null]));
fails(fn () => $orders->inc(1, ['country' => 'NL', 'way' => 'card', 'more' => 'x']));
fails(fn () => $orders->inc(1, ['NL', 'card']));
fails(fn () => $orders->inc(-1, ['country' => 'NL', 'way' => 'card']));
fails(fn () => $orders->inc(INF, ['country' => 'NL', 'way' => 'card']));
$plain = Metrics::gauge('plain');
fails(fn () => $plain->set(1, ['a' => 'b']));
fails(fn () => $plain->set(NAN));
fails(fn () => Metrics::counter(''));
fails(fn () => Metrics::counter('x', labels: ['a', '']));
fails(fn () => Metrics::counter('x', labels: [1]));
fails(fn () => Metrics::histogram('x', [1, 1]));
fails(fn () => Metrics::histogram('x', ['one']));
fails(fn () => Metrics::summary('x', ['2' => 0.1]));
fails(fn () => Metrics::gauge('orders', labels: ['country', 'way']));
fails(fn () => Metrics::counter('orders', labels: ['way', 'country']));
fails(fn () => Metrics::counter('orders', labels: ['country', 'way'], namespace: 'x'));
fails(fn () => new Metrics\Counter());
Metrics::counter('orders', labels: ['country', 'way'])->inc(1, ['country' => 'NL', 'way' => 'card']);
echo "good\n";
--EXPECTF--
ValueError: the collector "orders" wants the labels country, way
ValueError: the collector "orders" wants the labels country, way
ValueError: the collector "orders" wants the labels country, way
ValueError: the collector "orders" wants the labels country, way
ValueError: the collector "orders" wants the labels country, way
ValueError: the collector "orders" wants the labels country, way
ValueError: RrEmbed\Metrics\Counter::inc(): Argument #1 ($by) must be greater than or equal to 0
ValueError: the value for the collector "orders" must be finite
ValueError: the collector "plain" wants no labels
ValueError: the value for the collector "plain" must be finite
ValueError: RrEmbed\Metrics::counter(): Argument #1 ($name) must not be empty
ValueError: RrEmbed\Metrics::counter(): the labels must be names
ValueError: RrEmbed\Metrics::counter(): the labels must be names
ValueError: RrEmbed\Metrics::histogram(): Argument #2 ($buckets) must be numbers that rise
ValueError: RrEmbed\Metrics::histogram(): Argument #2 ($buckets) must be numbers that rise
ValueError: RrEmbed\Metrics::summary(): Argument #2 ($objectives) must be errors by quantile, such as ['0.5' => 0.05]
ValueError: the collector "orders" was declared with another shape%S
ValueError: the collector "orders" was declared with another shape%S
ValueError: the collector "orders" was declared with another shape%S
Error: Call to private RrEmbed\Metrics\Counter::__construct() from global scope
good
