--TEST--
RrEmbed\Worker: context and body as a goridge worker sees them
--STYLE--
worker
--GET--
q=1
--FILE--
<?php
$worker = RrEmbed\Worker::current();
while ($payload = $worker->next()) {
    $context = json_decode($payload->header, true);
    $worker->respond($context['method'] . ' ' . $context['rawQuery'] . ' ' . strlen($payload->body),
        json_encode(['status' => 203, 'headers' => ['X-A' => ['b']]]));
}
--EXPECT_STATUS--
203 GET q=1 0
