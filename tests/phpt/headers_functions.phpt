--TEST--
request_headers() and response_headers()
--FILE--
<?php
header('X-One: 1');
header('X-Two: 2');
header('X-Two: 3', false);
echo RrEmbed\request_headers()['Host'] === $_SERVER['HTTP_HOST'] ? "same host\n" : "other host\n";
$headers = RrEmbed\response_headers();
echo json_encode([$headers['X-One'], $headers['X-Two']]);
--EXPECTF--
same host
["1",%s]
