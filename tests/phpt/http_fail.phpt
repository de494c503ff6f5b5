--TEST--
Request::fail() answers with the status it is given
--STYLE--
worker
--FILE--
<?php
$worker = new RrEmbed\Http\Worker();
while ($request = $worker->accept()) {
    $request->fail('no such thing', 404);
}
--EXPECT_STATUS--
404%S
--STDERRF--
%Ano such thing%A
