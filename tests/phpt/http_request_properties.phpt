--TEST--
Http\Request: what a handler can ask
--STYLE--
worker
--GET--
a=1
--POST--
b=2
--FILE--
<?php
$worker = new RrEmbed\Http\Worker();
while ($request = $worker->accept()) {
    $request->respond(200, ['Content-Type' => 'text/plain'], json_encode([
        $request->method, $request->path, $request->query, $request->queryParams, $request->parsedBody, $request->protocol,
        $request->header('content-type'), $request->files, $request->cookies, $request->responded(), $request->remoteAddr,
    ], JSON_UNESCAPED_SLASHES));
}
--EXPECTF--
["POST","/test.php","a=1",{"a":"1"},{"b":"2"},"%s","application/x-www-form-urlencoded",[],[],false,"127.0.0.1"]
