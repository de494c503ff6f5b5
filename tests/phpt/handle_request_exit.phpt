--TEST--
exit() ends the request, not the script
--STYLE--
worker
--REQUESTS--
3
--FILE--
<?php
$count = 0;
while (RrEmbed\handle_request(static function () use (&$count) {
    echo ++$count;
    if ($count === 2) {
        exit(7);
    }
    echo ' done';
}));
--EXPECT--
1 done
2
3 done
