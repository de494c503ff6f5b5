--TEST--
RrEmbed\Worker in a process: what is no frame, and no request, ends it with TransportException
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
$long = pack('CCV', 0x14, 0, 0x7fffffff);
foreach ([
    'text' => 'Could not open input file',
    'too long' => $long . pack('V', crc32($long)) . "\0\0" . pack('V', 0),
    'no option' => frame('body', null),
    'context longer than the payload' => frame('body', 5),
    'bad control' => frame('{"stop"', null, 9),
    'other control' => frame('{"go":true}', null, 9),
    'deep control' => frame('{"stop":' . str_repeat('[', 100000) . str_repeat(']', 100000) . '}', null, 9),
    'half a header' => substr(frame('body'), 0, 7),
    'half a payload' => substr(frame('body'), 0, -1),
    'nothing' => '',
] as $what => $bytes) {
    $worker = new WorkerProcess(<<<'PHP'
        $worker = RrEmbed\Worker::current();
        for ($i = 0; $i < 2; ++$i) {
            try { fwrite(STDERR, $worker->next() ? 'request ' : 'null '); } catch (RrEmbed\Exception\TransportException $e) { fwrite(STDERR, $e->getMessage() . ' '); }
        }
        PHP);
    fwrite($worker->pipes[0], $bytes);
    $code = $worker->end();
    echo "$what: $worker->stderr($code)\n";
}
?>
--EXPECT--
text: the server sent what is no frame: a checksum is wrong the server sent what is no frame: a checksum is wrong (0)
too long: the server sent what is no frame: a frame is longer than is taken the server sent what is no frame: a frame is longer than is taken (0)
no option: malformed request: a frame without the option that splits its payload malformed request: a frame without the option that splits its payload (0)
context longer than the payload: malformed request: its context is longer than its payload malformed request: its context is longer than its payload (0)
bad control: invalid control frame: neither stop nor pid invalid control frame: neither stop nor pid (0)
other control: invalid control frame: neither stop nor pid invalid control frame: neither stop nor pid (0)
deep control: null null (0)
half a header: the server closed the connection within a frame the server closed the connection within a frame (0)
half a payload: the server closed the connection within a frame the server closed the connection within a frame (0)
nothing: null null (0)
