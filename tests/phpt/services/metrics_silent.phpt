--TEST--
RrEmbed\Metrics::silent() keeps a server without metrics from the application
--FILE--
<?php
use RrEmbed\Metrics;

try {
    Metrics::counter('x');
} catch (RrEmbed\Exception\ServiceException $e) {
    echo $e->method, ': ', preg_replace('/: the configuration has no section metrics$/', '', $e->serverMessage), "\n";
}
Metrics::silent();
$counter = Metrics::counter('x', labels: ['a']);
$counter->inc(1, ['a' => 'b']);
try {
    $counter->inc(1);
} catch (ValueError $e) {
    echo $e->getMessage(), "\n";
}
Metrics::flush();
Metrics::silent(false);
try {
    $counter->inc(1, ['a' => 'b']);
    Metrics::flush();
    echo "nothing\n";
} catch (RrEmbed\Exception\ServiceException $e) {
    echo "not silent any more\n";
}
--EXPECT--
metrics.Declare: rpc: can't find service metrics.Declare
the collector "x" wants the labels a
not silent any more
