--TEST--
recycle() gives the next request a fresh interpreter
--STYLE--
worker
--ONLY--
threads
--REQUESTS--
3
--FILE--
<?php
$count = 0;
while (RrEmbed\handle_request(static function () use (&$count) {
    echo ++$count;
    if ($count === 2) {
        RrEmbed\recycle();
    }
}));
--EXPECT--
1
2
1
