<?php

declare(strict_types=1);

namespace RrEmbed\Tests;

use PHPUnit\Framework\TestCase;
use RrEmbed\Goridge\Frame;
use RrEmbed\Goridge\StreamRelay;

/**
 * Scripts in real processes, with pipes as a server has them.
 */
final class ProcessTest extends TestCase
{
    /** @var resource|null */
    private mixed $process = null;

    /** @var array{resource, resource, resource} */
    private array $pipes;

    private StreamRelay $relay;

    protected function tearDown(): void
    {
        if (null !== $this->process) {
            proc_terminate($this->process, \SIGKILL);
            proc_close($this->process);
            $this->process = null;
        }
    }

    // spec:01#18 spec:01#48
    public function testWhatAWorkerPrintsReachesStderrAndNeverTheFrames(): void
    {
        $this->start(<<<'PHP'
            $worker = RrEmbed\Worker::current();
            while ($payload = $worker->next()) {
                echo "echoed\n";
                print 'printed'."\n";
                file_put_contents('php://output', "put\n");
                trigger_error('warned', E_USER_WARNING);
                $worker->respond(strrev($payload->body));
            }
            fwrite(STDERR, "loop left\n");
            PHP);
        for ($i = 0; $i < 3; ++$i) {
            self::assertSame('olleh', $this->exchange('hello'));
        }
        [$stderr, $exit] = $this->stopWorker();

        self::assertSame(3, substr_count($stderr, "echoed\nprinted\nput\n"));
        self::assertStringContainsString('warned', $stderr);
        self::assertStringEndsWith("loop left\n", $stderr);
        self::assertSame(0, $exit);
    }

    public function testAFatalErrorIsReportedOnStderrAndTheFramesEndCleanly(): void
    {
        $this->start('$w = RrEmbed\Worker::current(); $w->next(); ini_set("memory_limit", "4M"); $x = str_repeat("x", 8 << 20);');
        $this->relay->send(new Frame('hello', [0]));

        self::assertNull($this->relay->receive());
        self::assertStringContainsString('Allowed memory size', (string) stream_get_contents($this->pipes[2]));
    }

    public function testRecycleEndsTheLoopAfterTheAnswer(): void
    {
        $this->start('$w = RrEmbed\Worker::current(); while ($p = $w->next()) { RrEmbed\recycle(); $w->respond("answered"); }');
        self::assertSame('answered', $this->exchange('x'));
        self::assertNull($this->relay->receive());
    }

    public function testOutsideAServerTheTextSaysWhatIsMissing(): void
    {
        $this->start(<<<'PHP'
            foreach ([fn () => RrEmbed\Worker::current(), fn () => new RrEmbed\Http\Worker(), fn () => RrEmbed\handle_request(fn () => 1), fn () => rr_embed_handle_request(fn () => 1)] as $call) {
                try { $call(); } catch (RrEmbed\Exception\NotInServerException $e) { echo $e->getMessage(), "\n"; }
            }
            var_dump(RrEmbed\version() !== '', RrEmbed\transport(), RrEmbed\available(), RrEmbed\in_worker(), RrEmbed\mode(), RrEmbed\worker_id());
            var_dump(RrEmbed\finish_request(), RrEmbed\send_informational(103, []), RrEmbed\request_headers(), RrEmbed\response_headers(), RrEmbed\connection_alive());
            RrEmbed\recycle();
            PHP, []);
        $rest = ' needs a running rr-embed or RoadRunner server: this process is not a worker, RR_RPC is not set and rr_embed.rpc is empty. Use "rr-embed serve" or pass new RrEmbed\Rpc(\'tcp://127.0.0.1:6001\').'."\n";

        self::assertSame(
            "RrEmbed\\Worker{$rest}RrEmbed\\Http\\Worker{$rest}RrEmbed\\handle_request(){$rest}RrEmbed\\handle_request(){$rest}"
            ."bool(true)\nenum(RrEmbed\\Transport::None)\nbool(false)\nbool(false)\nNULL\nNULL\nbool(false)\nbool(false)\narray(0) {\n}\narray(0) {\n}\nbool(true)\n",
            stream_get_contents($this->pipes[1]),
        );
    }

    public function testInAWorkerTheEnvironmentIsKnownAndHandleRequestNeedsTheExtension(): void
    {
        if ([] !== self::extension()) {
            self::markTestSkipped('with the extension it waits for a request');
        }
        $this->start(<<<'PHP'
            try { RrEmbed\handle_request(fn () => 1); } catch (RrEmbed\Exception\UnsupportedException $e) { echo $e->getMessage(), "\n"; }
            var_dump(RrEmbed\transport(), RrEmbed\available(), RrEmbed\in_worker(), RrEmbed\mode());
            PHP, ['RR_MODE' => 'http', 'RR_RELAY' => 'pipes', 'RR_RPC' => 'tcp://127.0.0.1:6001']);

        self::assertSame(
            "RrEmbed\\handle_request() needs the extension rr_embed in a worker process: the CLI drops headers. Use RrEmbed\\Http\\Worker, set http.pool.mode to \"embed\", or install the extension.\n"
            ."enum(RrEmbed\\Transport::Socket)\nbool(true)\nbool(true)\nenum(RrEmbed\\Mode::Http)\n",
            stream_get_contents($this->pipes[1]),
        );
    }

    public function testWithoutAServerTheFirstCallSaysWhoNeedsOneAndTheLogFallsBack(): void
    {
        $this->start(<<<'PHP'
            use RrEmbed\{Kv, Lock, Logger, LogLevel, Metrics, Pool, Rpc, Services, Tasks, Jobs\Consumer, Jobs\Queue};
            $objects = [new Kv('a'), new Lock(), new Rpc(), new Services(), new Queue('q'), new Consumer(), new Logger()];
            foreach ([
                fn () => $objects[0]->get('a'), fn () => $objects[0]->increment('a'), fn () => $objects[1]->acquire('a'), fn () => $objects[2]->call('rpc.Version', true),
                fn () => $objects[2]->begin('a.B', ''), fn () => $objects[3]->list(), fn () => $objects[4]->push('a', 'b'), fn () => Queue::list(), fn () => $objects[5]->next(),
                fn () => Pool::workers(), fn () => Metrics::counter('c'), fn () => Tasks::dispatch('x'), fn () => Tasks::all([]),
            ] as $call) {
                try { $call(); echo "no exception\n"; } catch (RrEmbed\Exception\NotInServerException $e) { echo explode(' needs a running rr-embed or RoadRunner server: ', $e->getMessage())[0], "\n"; }
            }
            Metrics::silent();
            Metrics::counter('d')->inc();
            $objects[6]->log(LogLevel::Warning, 'kept', ['a' => 1]);
            PHP, []);

        self::assertSame(
            "RrEmbed\Kv\nRrEmbed\Kv\nRrEmbed\Lock\nRrEmbed\Rpc\nRrEmbed\Rpc\nRrEmbed\Services\nRrEmbed\Jobs\Queue\nRrEmbed\Jobs\Queue\nRrEmbed\Jobs\Consumer\n"
            ."RrEmbed\Pool\nRrEmbed\Metrics\nRrEmbed\Tasks\nRrEmbed\Tasks\n",
            stream_get_contents($this->pipes[1]),
        );
        self::assertStringContainsString('WARNING: kept {"a":1}', (string) stream_get_contents($this->pipes[2]));
    }

    public function testEveryNameOfTheExtensionIsThereWithoutIt(): void
    {
        foreach (glob(\dirname(__DIR__).'/polyfill/{,Http/,Exception/,Jobs/,Metrics/}*.php', \GLOB_BRACE) ?: [] as $file) {
            $name = 'RrEmbed\\'.strtr(substr($file, \strlen(\dirname(__DIR__).'/polyfill/'), -4), '/', '\\');
            self::assertTrue('RrEmbed\functions' === $name || class_exists($name) || interface_exists($name), $name);
        }
    }

    /**
     * @param array<string, string> $env
     */
    private function start(string $code, array $env = ['RR_MODE' => 'jobs', 'RR_RELAY' => 'pipes']): void
    {
        $autoload = var_export(\dirname(__DIR__).'/autoload.php', true);
        $process = proc_open([\PHP_BINARY, ...self::extension(), '-d', 'display_errors=1', '-r', "require {$autoload};\n{$code}"], [['pipe', 'r'], ['pipe', 'w'], ['pipe', 'w']], $pipes, null, $env);
        self::assertNotFalse($process);
        /** @var array{resource, resource, resource} $pipes */
        $this->process = $process;
        $this->pipes = $pipes;
        $this->relay = new StreamRelay($pipes[1], $pipes[0]);
    }

    /**
     * @return list<string> with RR_EMBED_SO the scripts run with the extension, which has to do the same
     */
    private static function extension(): array
    {
        $library = (string) getenv('RR_EMBED_SO');

        return '' === $library ? [] : ['-d', 'extension='.$library];
    }

    private function exchange(string $body): string
    {
        $this->relay->send(new Frame($body, [0]));
        $frame = $this->relay->receive();
        self::assertNotNull($frame);

        return $frame->payload;
    }

    /**
     * @return array{string, int} stderr and the exit code
     */
    private function stopWorker(): array
    {
        $this->relay->send(new Frame('{"stop":true}', [], Frame::CONTROL));
        self::assertNull($this->relay->receive());
        $stderr = (string) stream_get_contents($this->pipes[2]);
        self::assertNotNull($this->process);
        $exit = proc_close($this->process);
        $this->process = null;

        return [$stderr, $exit];
    }
}
