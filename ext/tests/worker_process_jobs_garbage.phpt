--TEST--
RrEmbed\Jobs\Consumer in a process: a connection that is of no use any more ends it with TransportException
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
foreach (['text' => 'Could not open input file', 'half a header' => substr(frame('body'), 0, 7), 'nothing' => ''] as $what => $bytes) {
    $worker = new WorkerProcess(<<<'PHP'
        $consumer = new RrEmbed\Jobs\Consumer();
        for ($i = 0; $i < 2; ++$i) {
            try { fwrite(STDERR, $consumer->next(5) ? 'job ' : 'null '); } catch (RrEmbed\Exception\TransportException $e) { fwrite(STDERR, $e->getMessage() . ' '); }
        }
        PHP, ['RR_MODE' => 'jobs']);
    fwrite($worker->pipes[0], $bytes);
    $code = $worker->end();
    echo "$what: $worker->stderr($code)\n";
}
?>
--EXPECT--
text: the server sent what is no frame: a checksum is wrong the server sent what is no frame: a checksum is wrong (0)
half a header: the server closed the connection within a frame the server closed the connection within a frame (0)
nothing: null null (0)
