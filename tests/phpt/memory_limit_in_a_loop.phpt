--TEST--
The memory limit is a 500; the next request has a fresh interpreter
--STYLE--
worker
--ONLY--
threads
--INI--
memory_limit=16M
display_errors=0
--REQUESTS--
2
--FILE--
<?php
static $count = 0;
while (RrEmbed\handle_request(static function () use (&$count) {
    static $hog = [];
    if (!file_exists(__DIR__ . '/once')) {
        touch(__DIR__ . '/once');
        for (;;) {
            $hog[] = str_repeat('x', 1 << 20);
        }
    }
    echo ++$count;
}));
--EXPECT_STATUS--
500%S
200 1
--STDERRF--
%AAllowed memory size%A
