--TEST--
A request that the script leaves without an answer becomes a 500
--STYLE--
worker
--REQUESTS--
2
--FILE--
<?php
$worker = new RrEmbed\Http\Worker();
$first = true;
while ($request = $worker->accept()) {
    if ($first) {
        $first = false;
        continue;
    }
    $request->respond(200, [], 'answered');
}
--EXPECT_STATUS--
500%S
200 answered
--STDERRF--
%Ahad not answered%A
