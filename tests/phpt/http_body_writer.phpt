--TEST--
BodyWriter streams; end() may give the last piece
--STYLE--
worker
--FILE--
<?php
$worker = new RrEmbed\Http\Worker();
while ($request = $worker->accept()) {
    $body = $request->open(201, ['Content-Type' => 'text/plain']);
    $body->write('one ');
    $body->flush();
    $body->write('two ');
    $body->end('three');
}
--EXPECT_STATUS--
201 one two three
