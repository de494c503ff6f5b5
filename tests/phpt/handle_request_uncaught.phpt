--TEST--
An uncaught exception is a 500 and the script goes on
--STYLE--
worker
--ONLY--
threads
--INI--
display_errors=0
--REQUESTS--
2
--FILE--
<?php
$count = 0;
while (RrEmbed\handle_request(static function () use (&$count) {
    if (++$count === 1) {
        throw new DomainException('not today');
    }
    echo $count;
}));
--EXPECT_STATUS--
500%S
200 2
--STDERRF--
%ADomainException: not today%A
