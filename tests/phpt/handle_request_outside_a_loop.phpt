--TEST--
handle_request() in classic mode says that there is no loop
--FILE--
<?php
try {
    RrEmbed\handle_request(static function () {});
} catch (RrEmbed\Exception\RrEmbedException $e) {
    echo get_class($e), "\n", $e instanceof LogicException ? 'logic' : 'runtime';
}
--EXPECT--
RrEmbed\Exception\InvalidStateException
logic
