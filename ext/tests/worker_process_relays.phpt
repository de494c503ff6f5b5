--TEST--
A worker in a process: the forms of RR_RELAY
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
$path = tempnam(sys_get_temp_dir(), 'rr');
unlink($path);
foreach (['tcp://127.0.0.1:0', "unix://$path"] as $address) {
    $server = stream_socket_server($address);
    $relay = $address === "unix://$path" ? $address : 'tcp://' . stream_socket_get_name($server, false);
    $worker = new WorkerProcess(<<<'PHP'
        $worker = new RrEmbed\Http\Worker();
        $ready = $worker->ready();
        while (true) {
            $streams = [$ready];
            $none = null;
            if (!stream_select($streams, $none, $none, 10)) exit(9);
            if (!$request = $worker->accept(0)) exit(4);
            echo 'printed';
            $request->respond(200, [], $request->path);
        }
        PHP, ['RR_RELAY' => $relay]);
    $peer = stream_socket_accept($server);
    foreach (['/a', '/b'] as $wanted) {
        $context = '{"uri":"http://h' . $wanted . '"}';
        fwrite($peer, frame($context, strlen($context), 8));
        echo read_frame($peer), "\n";
    }
    fclose($peer);
    echo $worker->end(), "\n";
    fclose($server);
}
@unlink($path);
foreach (['nonsense', 'tcp://', 'pipes://in:out', 'unix:///nowhere/relay.sock'] as $relay) {
    $worker = new WorkerProcess('try { RrEmbed\Worker::current(); } catch (RrEmbed\Exception\TransportException $e) { fwrite(STDERR, $e->getMessage()); }',
        ['RR_RELAY' => $relay]);
    $worker->end();
    echo $worker->stderr, "\n";
}
?>
--EXPECT--
08 0 {"status":200,"headers":{}}|/a
08 0 {"status":200,"headers":{}}|/b
4
08 0 {"status":200,"headers":{}}|/a
08 0 {"status":200,"headers":{}}|/b
4
RR_RELAY: unsupported connection format: nonsense
RR_RELAY: unsupported connection format: tcp://
RR_RELAY: unsupported connection format: pipes://in:out
cannot connect to unix:///nowhere/relay.sock: No such file or directory
