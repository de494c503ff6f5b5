--TEST--
A second answer to a request is refused
--STYLE--
worker
--REQUESTS--
2
--FILE--
<?php
$worker = new RrEmbed\Http\Worker();
$last = 'nothing before';
while ($request = $worker->accept()) {
    $request->respond(200, [], $last);
    try {
        $request->respond(200, [], 'again');
    } catch (RrEmbed\Exception\InvalidStateException $e) {
        $last = get_class($e);
    }
}
--EXPECT--
nothing before
RrEmbed\Exception\InvalidStateException
