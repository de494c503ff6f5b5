--TEST--
RrEmbed\Pool::reset() of the workers that one is among does not wait for itself
--REQUESTS--
2
--FILE--
<?php
$began = microtime(true);
RrEmbed\Pool::reset('http');
echo microtime(true) - $began < 20 ? 'soon' : 'late', "\n";
--EXPECT--
soon

soon
