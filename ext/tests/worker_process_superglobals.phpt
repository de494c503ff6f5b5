--TEST--
RrEmbed\handle_request() in a worker process: superglobals, php://input, header() and output
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
    register_shutdown_function(static function () { fwrite(STDERR, "the script ends\n"); });
    $handler = static function () {
        switch (strtok($_SERVER['REQUEST_URI'], '?')) {
            case '/all':
                header('Content-Type: application/json');
                header('X-A: 1');
                header('X-A: 2', false);
                header('X-Gone: 1');
                header_remove('X-Gone');
                setcookie('c', 'd');
                http_response_code(201);
                echo json_encode([$_GET, $_POST, $_COOKIE, $_FILES, $_REQUEST, file_get_contents('php://input'), $_SERVER['REQUEST_METHOD'],
                    $_SERVER['HTTP_X_ONE'] ?? null, $_SERVER['REMOTE_ADDR'], $_SERVER['RR_MODE'], $_SERVER['PHP_AUTH_USER'] ?? null,
                    is_uploaded_file('/tmp/rr-embed-no-such-file'), array_keys(RrEmbed\request_headers()), headers_list() !== [],
                    headers_sent(), getenv('RR_RELAY')], JSON_UNESCAPED_SLASHES);
                break;
            case '/exit': echo 'before'; exit('bye');
            case '/throw': throw new RuntimeException('thrown');
            case '/shutdown': register_shutdown_function(static function () { echo ' and this'; }); echo 'body'; break;
            case '/buffer': ob_start(static fn($text) => strtoupper($text)); echo 'loud'; break;
            case '/stream': echo 'one'; flush(); echo 'two'; var_dump(headers_sent()); break;
            case '/large': echo str_repeat('x', 300000), 'y'; break;
            case '/finish': echo 'done'; var_dump(RrEmbed\finish_request(), RrEmbed\finish_request()); fwrite(STDERR, "afterwards\n"); break;
            case '/nested': try { RrEmbed\handle_request(static fn() => null); } catch (RrEmbed\Exception\InvalidStateException $e) { echo $e->getMessage(); } break;
            case '/inform': var_dump(RrEmbed\send_informational(103, ['Link' => '</a>'])); break;
            default: echo $_GET['q'] ?? 'nothing', count($_POST), count($_FILES), count($_COOKIE), strlen(file_get_contents('php://input'));
        }
    };
    while (rr_embed_handle_request($handler)) fwrite(STDERR, 'loop ' . count($_GET) . count($_POST) . (isset($_SERVER['HTTP_X_ONE']) ? 'kept' : '') . "\n");
    PHP, [], '-d expose_php=0 -d implicit_flush=1 -d display_errors=stderr');
$context = ['remoteAddr' => '10.0.0.1', 'protocol' => 'HTTP/1.1', 'method' => 'POST', 'rawQuery' => 'a=1&b[]=2', 'uri' => 'http://h/all?a=1&b[]=2',
    'headers' => ['X-One' => ['1', '2'], 'Cookie' => ['c=%20d'], 'Authorization' => ['Basic ' . base64_encode('me:pw')], 'Content-Type' => ['text/plain']],
    'parsed' => false, 'uploads' => null, 'attributes' => []];
$worker->request($context, 'raw body');
echo $worker->answer(), "\n";
$leaf = ['name' => 'n.txt', 'mime' => 'text/plain', 'size' => 3, 'error' => 0, 'tmpName' => '/tmp/rr-embed-no-such-file'];
$worker->request(['parsed' => true, 'uploads' => ['one' => $leaf, 'deep' => ['list' => [$leaf]]]] + $context, '{"f":["v"],"a":"post"}');
echo $worker->answer(), "\n";
foreach (['?q=7' => 1, 'exit' => 1, 'throw' => 1, 'shutdown' => 1, 'buffer' => 1, 'stream' => 4, 'large' => 4, 'finish' => 1, 'nested' => 1, 'inform' => 2, '' => 1] as $path => $frames) {
    $worker->request(['uri' => "http://h/$path", 'rawQuery' => $path === '?q=7' ? 'q=7' : '', 'method' => 'GET', 'headers' => []] + $context);
    echo $path ?: 'root', ': ';
    for ($i = 0; $i < $frames; ++$i) {
        echo preg_replace('/x{1000,}/', 'x...', addcslashes($worker->answer(), "\n")), ' ; ';
    }
    echo "\n";
}
$worker->send('{"stop":true}', null, 9);
var_dump($worker->end());
echo preg_replace('/(PHP )?Fatal error.*?on line \d+\n/s', "fatal error\n", $worker->stderr);

// One that dies has no answer: the server gives one. Without PHP's own heap there is no memory limit.
$redeclare = 'eval("function x() {} function x() {}");';
foreach (['no_such_function_at_all();', $redeclare, getenv('USE_ZEND_ALLOC') === '0' ? $redeclare : '$x = str_repeat("x", 1 << 30);'] as $code) {
    $worker = new WorkerProcess('rr_embed_handle_request(static function () { echo "begun\n"; ' . $code . ' });', [], '-d memory_limit=64M -d expose_php=0 -d display_errors=0');
    $worker->request(['uri' => 'http://h/'] + $context);
    echo $worker->answer(), ', ';
    echo $worker->end(), ' ', $worker->stderr, "\n";
}
?>
--EXPECT--
08 0 {"status":201,"headers":{"Content-Type":["application/json"],"X-A":["1","2"],"Set-Cookie":["c=d"]}}|[{"a":"1","b":["2"]},[],{"c":" d"},[],{"a":"1","b":["2"],"c":" d"},"raw body","POST","1, 2","10.0.0.1","http","me",false,["Host","X-One","Cookie","Authorization","Content-Type"],true,false,"pipes"]
08 0 {"status":201,"headers":{"Content-Type":["application/json"],"X-A":["1","2"],"Set-Cookie":["c=d"]}}|[{"a":"1","b":["2"]},{"f":["v"],"a":"post"},{"c":" d"},{"one":{"name":"n.txt","full_path":"n.txt","type":"text/plain","tmp_name":"/tmp/rr-embed-no-such-file","error":0,"size":3},"deep":{"name":{"list":["n.txt"]},"full_path":{"list":["n.txt"]},"type":{"list":["text/plain"]},"tmp_name":{"list":["/tmp/rr-embed-no-such-file"]},"error":{"list":[0]},"size":{"list":[3]}}},{"a":"post","b":["2"],"f":["v"],"c":" d"},"","POST","1, 2","10.0.0.1","http","me",true,["Host","X-One","Cookie","Authorization","Content-Type"],true,false,"pipes"]
?q=7: 08 0 {"status":200,"headers":{"Content-type":["text/html; charset=UTF-8"]}}|70000 ; 
exit: 08 0 {"status":200,"headers":{"Content-type":["text/html; charset=UTF-8"]}}|beforebye ; 
throw: 08 0 {"status":500,"headers":{"Content-type":["text/html; charset=UTF-8"]}}| ; 
shutdown: 08 0 {"status":200,"headers":{"Content-type":["text/html; charset=UTF-8"]}}|body and this ; 
buffer: 08 0 {"status":200,"headers":{"Content-type":["text/html; charset=UTF-8"]}}|LOUD ; 
stream: 08 1 {"status":200,"headers":{"Content-type":["text/html; charset=UTF-8"]}}| ; 08 1 |one ; 08 1 |twobool(true)\n ; 08 0 | ; 
large: 08 1 {"status":200,"headers":{"Content-type":["text/html; charset=UTF-8"]}}| ; 08 1 |x... ; 08 1 |y ; 08 0 | ; 
finish: 08 0 {"status":200,"headers":{"Content-type":["text/html; charset=UTF-8"]}}|done ; 
nested: 08 0 {"status":200,"headers":{"Content-type":["text/html; charset=UTF-8"]}}|a request is being handled already ; 
inform: 08 1 {"status":103,"headers":{"Link":["</a>"]}}| ; 08 0 {"status":200,"headers":{"Content-type":["text/html; charset=UTF-8"]}}|bool(true)\n ; 
root: 08 0 {"status":200,"headers":{"Content-type":["text/html; charset=UTF-8"]}}|nothing0000 ; 
int(0)
loop 00
loop 00
loop 00
loop 00
fatal error
loop 00
loop 00
loop 00
loop 00
loop 00
afterwards
loop 00
loop 00
loop 00
loop 00
the script ends
08 0 {"status":500,"headers":{"Content-type":["text/html; charset=UTF-8"]}}|begun
, 255 
the end, 255 begun

the end, 255 begun

