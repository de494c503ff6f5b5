--TEST--
handle_request() fills the superglobals anew for each request
--STYLE--
worker
--ONLY--
threads
--REQUESTS--
2
--GET--
a=1&b[]=2
--POST--
c=3&d[x]=4
--FILE--
<?php
$count = 0;
while (RrEmbed\handle_request(static function () use (&$count) {
    echo json_encode([++$count, $_GET, $_POST, $_REQUEST === $_GET + $_POST, $_SERVER['REQUEST_METHOD'], $_SERVER['QUERY_STRING'],
        file_get_contents('php://input'), isset($_SESSION)]);
    $_GET['leak'] = $_POST['leak'] = 1;
}));
--EXPECT--
[1,{"a":"1","b":["2"]},{"c":"3","d":{"x":"4"}},true,"POST","a=1&b[]=2","c=3&d[x]=4",false]
[2,{"a":"1","b":["2"]},{"c":"3","d":{"x":"4"}},true,"POST","a=1&b[]=2","c=3&d[x]=4",false]
