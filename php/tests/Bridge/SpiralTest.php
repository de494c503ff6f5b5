<?php

declare(strict_types=1);

namespace RrEmbed\Tests\Bridge;

use PHPUnit\Framework\Attributes\DataProvider;
use PHPUnit\Framework\TestCase;
use RrEmbed\Goridge\Frame;
use RrEmbed\Goridge\StreamRelay;
use RrEmbed\Tests\Sdk\Server;

/**
 * RoadRunner's own packages, unmodified, on their own objects and on ours. RR_EMBED_TEST_VENDOR is the vendor folder that has them.
 */
final class SpiralTest extends TestCase
{
    private string $vendor;

    protected function setUp(): void
    {
        $vendor = (string) getenv('RR_EMBED_TEST_VENDOR');
        if (!is_dir("{$vendor}/spiral/goridge")) {
            self::markTestSkipped('RR_EMBED_TEST_VENDOR names no folder with the official packages');
        }
        $this->vendor = $vendor;
    }

    // spec:09#37 spec:04#9 spec:04#27 spec:04#50
    public function testPackagesDoTheSameOnTheirRpcAndOnOurs(): void
    {
        $server = new Server();
        $official = $this->packages('official', $server, 'off_');
        $native = $this->packages('native', $server, 'nat_');

        self::assertSame($official, $native);
        $goridge = 'Spiral\Goridge\RPC\Exception\ServiceException';
        self::assertSame([$goridge, "Error 'rpc: can't find method rpc.Nope' on {$server->rpc}", null], $native['rpc unknown']);
        self::assertSame([$goridge, "Error 'rpc: can't find service no.such.Method' on {$server->rpc}", null], $native['rpc prefix']);
        self::assertSame('Spiral\RoadRunner\KeyValue\Exception\StorageException', $native['kv no storage'][0] ?? null);
        self::assertSame([true, [1], true, ['x' => null]], $native['kv shared']);
        self::assertSame(['id', false, true, false, true, false, true, false], $native['lock']);
        self::assertSame([true, true, 2, '/usr/bin/sleep 600', true, true], $native['services']);
        $metrics = $server->metrics();
        foreach (['off_', 'nat_'] as $p) {
            self::assertStringContainsString("\n{$p}orders{a=\"x\",b=\"y\"} 2\n", $metrics);
            $server->waitForLog("{$p} plain");
        }
    }

    // spec:09#37
    public function testPackagesDoTheSameOnAThreadOfTheServer(): void
    {
        $port = Server::freePort();
        $script = \dirname(__DIR__).'/official/worker.php';
        $server = new Server(more: "server: {command: 'php {$script} {$this->vendor} worker'}\nhttp: {address: '127.0.0.1:{$port}', pool: {mode: embed, num_workers: 1}}\n");
        [$status, $json] = $this->answer($port, '/packages');

        self::assertSame(200, $status);
        // Only the name of the relay is another one.
        $official = str_replace(trim((string) json_encode("on {$server->rpc}"), '"'), 'on host', (string) json_encode($this->packages('official', $server, 'off_')));
        self::assertSame(json_decode($official, true), json_decode($json, true));
        $server->waitForLog('thr_ plain');
    }

    /**
     * @return iterable<string, array{string}>
     */
    public static function polls(): iterable
    {
        yield 'worker' => ['new RrEmbed\Bridge\Spiral\NativeWorker()'];
        yield 'relay' => ['new Spiral\RoadRunner\Worker(new RrEmbed\Bridge\Spiral\NativeRelay())'];
    }

    #[DataProvider('polls')]
    public function testAWorkerMayLookBeforeItWaits(string $worker): void
    {
        $vendor = var_export("{$this->vendor}/autoload.php", true);
        $ours = var_export(\dirname(__DIR__, 2).'/autoload.php', true);
        $script = <<<PHP
            require {$vendor}; require {$ours};
            use Spiral\RoadRunner\{Payload, Message\Command\StreamStop, Message\Command\WorkerStop};
            \$worker = {$worker};
            \$seen = [\$worker->hasPayload()];
            fwrite(STDERR, "looked\n");
            while (!\$worker->hasPayload(Payload::class)) { usleep(1000); }
            \$payload = \$worker->waitPayload();
            \$worker->respond(new Payload('a', '', false));
            while (!\$worker->hasPayload(StreamStop::class)) { usleep(1000); }
            array_push(\$seen, \$worker->getPayload(StreamStop::class) instanceof StreamStop, \$worker->getPayload(StreamStop::class));
            \$worker->respond(new Payload(json_encode([\$payload->header, \$payload->body, \$seen])));
            \$worker->waitPayload();
            \$worker->error('failed');
            while (!\$worker->hasPayload(WorkerStop::class)) { usleep(1000); }
            exit(null === \$worker->waitPayload() ? 0 : 1);
            PHP;
        $process = proc_open([\PHP_BINARY, '-r', $script], [['pipe', 'r'], ['pipe', 'w'], ['pipe', 'w']], $pipes, null, ['RR_MODE' => 'http', 'RR_RELAY' => 'pipes']);
        self::assertNotFalse($process);
        $relay = new StreamRelay($pipes[1], $pipes[0]);
        $receive = static function () use ($relay): Frame {
            self::assertTrue($relay->wait(20), 'the worker sends nothing');

            return $relay->receive() ?? self::fail('the worker has ended');
        };
        self::assertSame("looked\n", fgets($pipes[2]));
        $relay->send(new Frame('headbody', [4], Frame::JSON));
        $piece = $receive();
        self::assertSame(['a', Frame::STREAM], [$piece->payload, $piece->stream]);
        $relay->send(new Frame('', [], 0, Frame::STOP));
        self::assertSame('["head","body",[false,true,null]]', $receive()->payload);
        $relay->send(new Frame('next', [0], Frame::JSON));
        $failed = $receive();
        self::assertSame(['failed', Frame::ERROR], [$failed->payload, $failed->flags]);
        $relay->send(new Frame('{"stop":true}', [], Frame::CONTROL));
        self::assertNull($relay->receive());
        self::assertSame(0, proc_close($process));
    }

    public function testAServerThatIsGoneIsAnErrorOfTheRelay(): void
    {
        $seen = $this->script(<<<'PHP'
            use Spiral\Goridge\RPC\Exception\RPCException;
            $rpc = new RrEmbed\Bridge\Spiral\NativeRpc(new RrEmbed\Rpc('unix:///nowhere/rpc.sock'));
            foreach ([fn () => $rpc->call('rpc.Version', true), fn () => $rpc->callAsync('rpc.Version', true), fn () => $rpc->callIgnoreResponse('rpc.Version', true), fn () => (new RrEmbed\Bridge\Spiral\NativeRpc())->call('a.B', 1)] as $call) {
                try { $call(); } catch (Spiral\Goridge\Exception\RelayException $error) { echo get_debug_type($error), '<', get_debug_type($error->getPrevious()), "\n"; }
            }
            try { $rpc->getResponse(4711); } catch (RPCException $error) { echo substr($error->getMessage(), 0, 24), "\n"; }
            try { foreach ($rpc->getResponses([4711]) as $reply) {} } catch (RPCException $error) { echo substr($error->getMessage(), 0, 24), "\n"; }
            var_dump($rpc->hasResponse(4711), $rpc->hasResponses([1, 2]));
            PHP);
        $goridge = 'Spiral\Goridge\Exception\TransportException';
        self::assertSame(
            str_repeat("{$goridge}<RrEmbed\\Exception\\TransportException\n", 3)."{$goridge}<RrEmbed\\Exception\\NotInServerException\n"
            ."Invalid sequence number.\nInvalid sequence number.\nbool(false)\narray(0) {\n}\n",
            $seen,
        );
    }

    public function testCallsOverlap(): void
    {
        $server = new Server();
        $address = var_export($server->rpc, true);
        $seen = $this->script(<<<PHP
            \$rpc = new RrEmbed\\Bridge\\Spiral\\NativeRpc(new RrEmbed\\Rpc({$address}));
            \$a = \$rpc->callAsync('rpc.Version', true);
            \$b = \$rpc->withServicePrefix('informer')->callAsync('list', true);
            \$c = \$rpc->callAsync('rpc.Nope', true);
            \$rpc->callIgnoreResponse('rpc.Version', true);
            echo json_encode([\$a !== \$b, is_array(\$rpc->getResponse(\$b)), is_string(\$rpc->getResponse(\$a))]), "\\n";
            try { \$rpc->getResponse(\$c); } catch (Spiral\\Goridge\\RPC\\Exception\\ServiceException \$error) { echo \$error->getMessage(), "\\n"; }
            \$seqs = array_map(fn () => \$rpc->callAsync('rpc.Version', true), range(1, 100));
            \$found = [];
            foreach (\$rpc->getResponses(\$seqs) as \$seq => \$reply) { \$found[] = \$seq; }
            sort(\$found);
            var_dump(\$found === \$seqs);
            for (\$i = 0; \$i < 20001; ++\$i) { \$last = \$rpc->callAsync('rpc.Version', true); }
            var_dump(is_string(\$rpc->getResponse(\$last)));
            PHP);
        self::assertSame("[true,true,true]\nError 'rpc: can't find method rpc.Nope' on {$server->rpc}\nbool(true)\nbool(true)\n", $seen);
    }

    /**
     * @return iterable<string, array{string, string}>
     */
    public static function workers(): iterable
    {
        foreach (['worker', 'relay', 'psr7'] as $kind) {
            foreach (['process', 'embed'] as $mode) {
                yield "{$kind} in mode {$mode}" => [$kind, $mode];
            }
        }
    }

    #[DataProvider('workers')]
    public function testWorkersOfThePackagesRunOnOurs(string $kind, string $mode): void
    {
        $port = Server::freePort();
        $script = \dirname(__DIR__).'/official/worker.php';
        $server = new Server(more: "server: {command: 'php {$script} {$this->vendor} {$kind}'}\nhttp: {address: '127.0.0.1:{$port}', pool: {mode: {$mode}, num_workers: 1}}\n");

        [$status, $headers, $body] = $this->request($port, '/echo', 'POST', "a\0b");
        self::assertSame([201, "a\0b"], [$status, $body]);
        self::assertStringContainsStringIgnoringCase('X-Method: POST', $headers);
        [$status, $headers, $body] = $this->request($port, '/pieces');
        self::assertSame([200, "piece 1\npiece 2\npiece 3\nlast"], [$status, $body]);
        self::assertMatchesRegularExpression('/^x-kind: a\r?\nx-kind: b|^x-kind: a, b/mi', $headers);
        self::assertSame([200, 'hinted'], $this->answer($port, '/hint'));
        self::assertSame(500, $this->answer($port, '/error')[0]);
        $server->waitForLog('failed on purpose');
        self::assertSame(['mode' => 'http', 'rpc' => true, 'address' => $server->rpc], json_decode($this->answer($port, '/about')[1], true));
        $this->leaveEarly($port, '/endless');
        $server->waitForLog("generator ended\n");
        self::assertSame([200, 'stopped'], $this->answer($port, '/stop'));
        self::assertSame(404, $this->answer($port, '/nowhere')[0]);
    }

    /**
     * @return array<array-key, array<array-key, mixed>>
     */
    private function packages(string $transport, Server $server, string $prefix): array
    {
        $seen = json_decode($this->php([__DIR__.'/../official/packages.php', $this->vendor, $transport, $server->rpc, $prefix]), true);
        self::assertIsArray($seen);

        /** @var array<array-key, array<array-key, mixed>> */
        return $seen;
    }

    private function script(string $code): string
    {
        $vendor = var_export("{$this->vendor}/autoload.php", true);
        $ours = var_export(\dirname(__DIR__, 2).'/autoload.php', true);

        return $this->php(['-r', "{$code}"], "require {$vendor}; require {$ours};");
    }

    /**
     * @param list<string> $arguments
     */
    private function php(array $arguments, string $before = ''): string
    {
        if ('' !== $before) {
            // `use` comes first in a file.
            $arguments[1] = (string) preg_replace('/^(\s*use [^;]+;)*/', "$0\n{$before}\n", $arguments[1]);
        }
        $process = proc_open([\PHP_BINARY, '-d', 'display_errors=stderr', ...$arguments], [1 => ['pipe', 'w']], $pipes, null, []);
        self::assertNotFalse($process);
        $output = (string) stream_get_contents($pipes[1]);
        self::assertSame(0, proc_close($process), $output);

        return $output;
    }

    /**
     * @return array{int, string, string} status, headers, body of the final answer
     */
    private function request(int $port, string $path, string $method = 'GET', string $body = ''): array
    {
        $link = stream_socket_client("tcp://127.0.0.1:{$port}", timeout: 10);
        self::assertNotFalse($link);
        stream_set_timeout($link, 20);
        fwrite($link, "{$method} {$path} HTTP/1.0\r\nHost: x\r\nContent-Length: ".\strlen($body)."\r\n\r\n{$body}");
        $answer = (string) stream_get_contents($link);
        while (str_starts_with($answer, 'HTTP/1.1 1') || str_starts_with($answer, 'HTTP/1.0 1')) {
            $answer = explode("\r\n\r\n", $answer, 2)[1] ?? '';
        }
        [$head, $content] = explode("\r\n\r\n", $answer, 2) + ['', ''];

        return [(int) substr($head, 9, 3), $head, $content];
    }

    /**
     * @return array{int, string}
     */
    private function answer(int $port, string $path): array
    {
        [$status, , $body] = $this->request($port, $path);

        return [$status, $body];
    }

    private function leaveEarly(int $port, string $path): void
    {
        $link = stream_socket_client("tcp://127.0.0.1:{$port}", timeout: 10);
        self::assertNotFalse($link);
        fwrite($link, "GET {$path} HTTP/1.1\r\nHost: x\r\n\r\n");
        self::assertStringContainsString('200', (string) fgets($link));
        fclose($link);
    }
}
