--TEST--
RrEmbed\Http\Worker in a process: requests and answers in JSON and protobuf
--EXTENSIONS--
rr_embed
--SKIPIF--
<?php
if (RrEmbed\in_worker()) die("skip threads have no processes");
if (!function_exists("proc_open") || !is_readable("/proc/self/maps")) die("skip no proc_open or /proc");
?>
--FILE--
<?php
require __DIR__ . '/worker.inc';
$worker = new WorkerProcess(<<<'PHP'
    exit((new RrEmbed\Http\Worker())->run(static function (RrEmbed\Http\Request $request) {
        switch ($request->path) {
            case '/all':
                $server = $request->server(['extra' => 1]);
                return json_encode([$request->method, $request->uri, $request->path, $request->query, $request->protocol, $request->scheme,
                    $request->host, $request->remoteAddr, $request->remotePort, strlen($request->id), $request->headers, $request->cookies,
                    $request->queryParams, $request->parsedBody, $request->files, $request->attributes, $request->body(),
                    $request->header('x-many'), $server['REQUEST_URI'], $server['HTTP_X_MANY'] ?? null, $server['SERVER_NAME'], $server['SERVER_PORT'],
                    $server['CONTENT_TYPE'] ?? null, $server['RR_MODE'], $server['extra'], isset($server['HTTP_PROXY'])], JSON_UNESCAPED_SLASHES);
            case '/stream': return [201, ['X-A' => ['1', '2']], (static function () { yield 'a'; yield 'b'; })()];
            case '/binary': return [200, ['X-Bytes' => "\xff"], 'b'];
            case '/throw': throw new RuntimeException('thrown');
            case '/silent': return null;
            case '/early':
                var_dump($request->informational(103, ['Link' => '</a.css>']));
                return 'late';
            case '/trailers':
                $body = $request->open(200);
                $body->write('x');
                $body->trailers(['X-T' => 'end']);
                $body->end('y');
                return null;
            case '/fail': $request->fail('teapot', 418); return null;
            case '/cancel':
                $body = $request->open(200);
                while ($body->write('z')) usleep(1000);
                return null;
            case '/newline': return [200, ['X' => "a\r\nb"], ''];
        }
        return [404, [], 'none'];
    }));
    PHP);
$context = ['remoteAddr' => '10.0.0.1', 'protocol' => 'HTTP/1.1', 'method' => 'POST', 'rawQuery' => 'a=1&b[]=2', 'uri' => 'http://example.org:8080/all?a=1&b[]=2',
    'headers' => ['Accept' => ['text/html'], 'X-Many' => ['1', "\u{e4}\"\\/"], 'Cookie' => ['c=%20d; e=f'], 'Content-Type' => ['text/plain'], 'Proxy' => ['evil']],
    'cookies' => ['c' => ' d'], 'parsed' => false, 'uploads' => null, 'attributes' => ['who' => ['me'], 'ipAddress' => '192.0.2.7']];
$worker->request($context, 'raw body');
echo $worker->answer(), "\n";
$form = ['parsed' => true, 'headers' => ['Content-Type' => ['multipart/form-data; boundary=x']], 'uri' => 'https://[::1]/all', 'rawQuery' => '', 'attributes' => [],
    'uploads' => ['one' => ['name' => 'n.txt', 'mime' => 'text/plain', 'size' => 3, 'error' => 0, 'tmpName' => '/tmp/x'],
        'deep' => ['list' => [['name' => 'l', 'mime' => '', 'size' => 0, 'error' => 4, 'tmpName' => '']]], 'odd' => 7]] + $context;
$worker->request($form, '{"field":["v","w"],"n":{"0":"x"}}');
echo $worker->answer(), "\n";
foreach (['stream' => 4, 'binary' => 1, 'throw' => 1, 'early' => 2, 'trailers' => 4, 'fail' => 1, 'silent' => 1, 'newline' => 1, 'nosuch' => 1] as $path => $frames) {
    $worker->request(['uri' => "http://h/$path"] + $context);
    if ($path === 'silent') {
        $worker->request(['uri' => 'http://h/nosuch'] + $context);
        ++$frames;
    }
    echo "$path: ";
    for ($i = 0; $i < $frames; ++$i) {
        echo preg_replace('/RuntimeException: .*|ValueError: .*/s', 'an exception', addcslashes($worker->answer(), "\0..\37\177..\377")), ' ; ';
    }
    echo "\n";
}
// protobuf: { 1 remote 2 protocol 3 method 4 uri 5 headers 7 query 9 uploads 10 attributes }
$text = static fn(int $number, string $value): string => chr($number << 3 | 2) . chr(strlen($value)) . $value;
$proto = $text(1, '10.0.0.2') . $text(2, 'HTTP/2.0') . $text(3, 'PUT') . $text(4, 'https://p/all?q=1') . $text(7, 'q=1')
    . $text(5, $text(1, 'X-Many') . $text(2, $text(1, 'a') . $text(1, 'b'))) . $text(10, $text(2, $text(1, 'v') . $text(1, 'w')) . $text(1, 'k')) . "\x98\x01\x07";
$worker->send($proto . 'body', strlen($proto), 0x80);
echo addcslashes($worker->answer(), "\0..\37\177..\377"), "\n";
// Malformed contexts are the server's to answer; the worker goes on.
foreach (['{', '{"uri":7}x', '', '[]', 'null', "\x0a\xff", "\x0a", "\x08\x80\x80\x80\x80\x80\x80\x80\x80\x80\x80\x01", '{"uri":"\ud800"}', '{"headers":{"a":["b"]}'] as $i => $bad) {
    $worker->send($bad, strlen($bad), $i < 5 ? 8 : ($i < 8 ? 0x80 : 8));
    echo $worker->answer(), "\n";
}
$worker->request(['uri' => 'http://h/cancel'] + $context);
echo $worker->answer(), "\n";
$worker->send('', null, 0, 2);
do {
    $answer = $worker->answer();
} while ($answer === '08 1 |z');
echo $answer, "\n";
$worker->send('{"stop":true}', null, 9);
var_dump($worker->end());
echo preg_replace('/^#.*\n/m', '', $worker->stderr);
?>
--EXPECT--
08 0 {"status":200,"headers":{}}|["POST","http://example.org:8080/all?a=1&b[]=2","/all","a=1&b[]=2","HTTP/1.1","http","example.org:8080","192.0.2.7",0,32,{"Host":["example.org:8080"],"Accept":["text/html"],"X-Many":["1","\u00e4\"\\/"],"Cookie":["c=%20d; e=f"],"Content-Type":["text/plain"],"Proxy":["evil"]},{"c":" d","e":"f"},{"a":"1","b":["2"]},[],[],{"who":"me","ipAddress":"192.0.2.7"},"raw body","1, \u00e4\"\\/","/all?a=1&b[]=2","1, \u00e4\"\\/","example.org","8080","text/plain","http",1,false]
08 0 {"status":200,"headers":{}}|["POST","https://[::1]/all","/all","","HTTP/1.1","https","[::1]","10.0.0.1",0,32,{"Host":["[::1]"],"Content-Type":["multipart/form-data; boundary=x"]},[],[],{"field":["v","w"],"n":["x"]},{"one":{"clientName":"n.txt","clientType":"text/plain","path":"/tmp/x","size":3,"error":0},"deep":{"list":[{"clientName":"l","clientType":"","path":"","size":0,"error":4}]}},[],"",null,"/all",null,"[::1]","443","multipart/form-data; boundary=x","http",1,false]
stream: 08 1 {"status":201,"headers":{"X-A":["1","2"]}}| ; 08 1 |a ; 08 1 |b ; 08 0 | ; 
binary: 80 0 \b\310\001\022\016\n\aX-Bytes\022\003\n\001\377|b ; 
throw: 40 0 an exception ; 
early: 08 1 {"status":103,"headers":{"Link":["</a.css>"]}}| ; 08 0 {"status":200,"headers":{}}|late ; 
trailers: 08 1 {"status":200,"headers":{}}| ; 08 1 |x ; 08 1 |y ; 08 0 {"status":200,"headers":{"Trailer":["X-T"],"X-T":["end"]}}| ; 
fail: 08 0 {"status":418,"headers":{}}| ; 
silent: 40 0 the script asked for the next request and had not answered this one ; 08 0 {"status":404,"headers":{}}|none ; 
newline: 40 0 an exception ; 
nosuch: 08 0 {"status":404,"headers":{}}|none ; 
80 0 \b\310\001|["PUT","https://p/all?q=1","/all","q=1","HTTP/2.0","https","p","10.0.0.2",0,32,{"Host":["p"],"X-Many":["a","b"]},[],{"q":"1"},[],[],{"k":"v"},"body","a, b","/all?q=1","a, b","p","443",null,"http",1,false]
40 0 malformed request context: it is no JSON of a request
40 0 malformed request context: it is no JSON of a request
40 0 malformed request context: it is no JSON of a request
40 0 malformed request context: it is no JSON of a request
40 0 malformed request context: it is no JSON of a request
40 0 malformed request context: cut off
40 0 malformed request context: cut off
40 0 malformed request context: cut off
40 0 malformed request context: it is no JSON of a request
40 0 malformed request context: it is no JSON of a request
08 1 {"status":200,"headers":{}}|
08 0 |
int(0)
bool(true)
teapot
