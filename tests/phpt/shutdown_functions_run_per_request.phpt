--TEST--
Shutdown functions run at the end of the request that registered them
--STYLE--
worker
--REQUESTS--
2
--FILE--
<?php
$count = 0;
while (RrEmbed\handle_request(static function () use (&$count) {
    $mine = ++$count;
    register_shutdown_function(static function () use ($mine) { echo " end $mine"; });
    echo "begin $mine";
}));
--EXPECT--
begin 1 end 1
begin 2 end 2
