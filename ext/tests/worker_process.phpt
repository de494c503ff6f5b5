--TEST--
RrEmbed\Worker in a process: frames in, frames out
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
    $about = json_encode([RrEmbed\transport(), RrEmbed\in_worker(), RrEmbed\mode(), RrEmbed\worker_id(), RrEmbed\available()]);
    $worker = RrEmbed\Worker::current();
    echo "echoed\n";
    while ($payload = $worker->next()) {
        print 'printed ';
        switch ($payload->body) {
            case 'about': $worker->respond($about); break;
            case 'error': $worker->error('no'); break;
            case 'codec': $worker->respond('c', '', true, RrEmbed\Codec::Proto); break;
            case 'twice':
                $worker->respond('1');
                try { $worker->respond('2'); } catch (RrEmbed\Exception\InvalidStateException $e) { fwrite(STDERR, $e->getMessage() . "\n"); }
                break;
            case 'stream':
                for ($i = 0; $i < 3; ++$i) $worker->respond("$i", $i ? '' : 'head', false);
                $worker->respond('');
                break;
            case 'error in a stream': $worker->respond('a', '', false); $worker->error('late'); break;
            case 'cancel':
                $worker->respond('begun', '', false);
                while (!$worker->cancelled()) usleep(1000);
                $worker->respond('');
                break;
            case 'again':
                try { $worker->next(); } catch (RrEmbed\Exception\InvalidStateException $e) { $worker->respond($e->getMessage()); }
                break;
            case 'timeout':
                $worker->respond('waits');
                try { $worker->next(0.01); } catch (RrEmbed\Exception\TimeoutException $e) { fwrite(STDERR, $e->getMessage() . "\n"); }
                break;
            case 'recycle': RrEmbed\recycle(); $worker->respond('last'); break;
            case 'not mine': $worker->stop(); break;
            default: $worker->respond(strtoupper($payload->body), "$payload->header,$payload->flags");
        }
    }
    fwrite(STDERR, "loop left\n");
    exit(3);
    PHP, ['RR_MODE' => 'jobs']);
$worker->send('{"pid":4242}', null, 9);
$pid = proc_get_status((fn() => $this->process)->call($worker))['pid'];
var_dump($worker->answer() === "01 0 {\"pid\":$pid}");
foreach ([['about', 0, 0], ['hello', 0, 0], ['{"a":1}hello', 7, 8], ['', 0, 0x80], ['codec', 0, 4], ['error', 0, 0], ['twice', 0, 0], ['again', 0, 0]] as $request) {
    $worker->send(...$request);
    echo $worker->answer(), "\n";
}
$worker->send('', null, 0, 8); // PONG
$worker->send('stream');
for ($i = 0; $i < 4; ++$i) echo $worker->answer(), ', ';
$worker->send('error in a stream');
echo $worker->answer(), ', ', $worker->answer(), "\n";
$worker->send('cancel');
echo $worker->answer(), ', ';
$worker->send('', null, 0, 2); // STOP
echo $worker->answer(), "\n";
$worker->send('', null, 0, 2);
$worker->send('timeout');
echo $worker->answer(), "\n";
usleep(50000);
$worker->send(str_repeat('x', 3 << 20));
var_dump(strlen($worker->answer()));
$worker->send('not mine');
echo $worker->answer(), "\n";
$worker->send('{"stop":true}', null, 9);
var_dump($worker->end());
echo $worker->stderr, "\n";

$worker = new WorkerProcess('$w = RrEmbed\Worker::current(); while ($p = $w->next()) { RrEmbed\recycle(); $w->respond($p->body); }');
$worker->send('1');
$worker->send('2');
echo $worker->answer(), ', ', $worker->answer(), "\n";
var_dump($worker->end());
?>
--EXPECT--
bool(true)
00 0 |["socket",true,"jobs",null,false]
00 0 ,0|HELLO
08 0 {"a":1},8|HELLO
80 0 ,128|
80 0 |c
40 0 no
00 0 |1
00 0 |the previous request has no answer yet
00 1 head|0, 00 1 |1, 00 1 |2, 00 0 |, 00 1 |a, 00 0 |
00 1 |begun, 00 0 |
00 0 |waits
int(3145736)
00 0 {"stop":true}|
int(3)
echoed
printed printed printed printed printed printed printed no request waits for an answer
printed printed printed late
printed printed no request came in time
printed printed loop left

00 0 |1, the end
int(0)
