--TEST--
handle_request() inside a handler is refused
--STYLE--
worker
--FILE--
<?php
while (RrEmbed\handle_request(static function () {
    try {
        RrEmbed\handle_request(static function () {});
    } catch (RrEmbed\Exception\InvalidStateException $e) {
        echo $e->getMessage();
    }
}));
--EXPECT--
a request is being handled already
