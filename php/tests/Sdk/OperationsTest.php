<?php

declare(strict_types=1);

namespace RrEmbed\Tests\Sdk;

use PHPUnit\Framework\TestCase;
use RrEmbed\Exception\UnsupportedException;
use RrEmbed\Kv;
use RrEmbed\Rpc;

/**
 * One suite of operations over every way that a PHP has to its server: same results, same exceptions, same texts.
 *
 * RR_EMBED_EXTENSION names a rr_embed.so for the PHP that runs the tests.
 */
final class OperationsTest extends TestCase
{
    private const SCRIPT = __DIR__.'/../fixtures/operations.php';

    // spec:09#40
    public function testTheLibraryOverAUnixSocket(): void
    {
        $server = new Server();
        $this->assertRun($server, ['RR_RPC' => $server->rpc]);
    }

    // spec:09#39
    public function testTheLibraryOverTcp(): void
    {
        $port = Server::freePort();
        $server = new Server("tcp://127.0.0.1:{$port}");
        $this->assertRun($server, ['RR_RPC' => "tcp://127.0.0.1:{$port}"]);
        self::assertSame([true], $this->version("'tcp://:{$port}'"));
        self::assertSame([true], $this->version("':{$port}'"));
        self::assertSame([true], $this->version("'0.0.0.0:{$port}'"));
        self::assertSame([true], $this->version("'TCP://127.0.0.1:{$port}'"));
    }

    // spec:09#39
    public function testTheLibraryOverIpv6(): void
    {
        if (false === $probe = @stream_socket_server('tcp://[::1]:0')) {
            self::markTestSkipped('this machine has no IPv6');
        }
        fclose($probe);
        $port = Server::freePort();
        $server = new Server("tcp://[::1]:{$port}");
        self::assertSame([true], $this->version("'tcp://[::1]:{$port}'"));
        self::assertSame([true], $this->version("'[::]:{$port}'"));
        unset($server);
    }

    // spec:09#40
    public function testTheLibraryWithAServerThatHasWhatRoadRunnerHas(): void
    {
        $server = new Server();
        $address = "unix://{$server->folder}/stock.sock";
        $proxy = new StockProxy($address, $server->rpc);
        $this->assertRun($server, ['RR_RPC' => $address]);
        unset($proxy);
    }

    // spec:09#40
    public function testWithoutLocksStepsOfOneAreUnsupported(): void
    {
        $server = new Server();
        $address = "unix://{$server->folder}/stock.sock";
        $proxy = new StockProxy($address, $server->rpc, 'lock');
        $kv = new Kv('mem', new Rpc($address));
        foreach ([static fn () => $kv->add('a', 'b'), static fn () => $kv->increment('a'), static fn () => $kv->compareAndSet('a', null, 'b')] as $step) {
            try {
                $step();
                self::fail('it went through');
            } catch (UnsupportedException $error) {
                self::assertSame('RrEmbed\Kv::add(), increment() and compareAndSet() need rr-embed, or a RoadRunner with the lock plugin', $error->getMessage());
            }
        }
        unset($proxy);
    }

    public function testTheSettingOfPhpIniNamesTheServerToo(): void
    {
        $server = new Server();
        $this->assertRun($server, [], ['-d', "rr_embed.rpc={$server->rpc}"]);
    }

    public function testTheExtensionOverASocket(): void
    {
        $extension = getenv('RR_EMBED_EXTENSION');
        if (false === $extension || '' === $extension) {
            self::markTestSkipped('RR_EMBED_EXTENSION names no rr_embed.so');
        }
        $server = new Server();
        $this->assertRun($server, ['RR_RPC' => $server->rpc], ['-d', "extension={$extension}"], true);
    }

    // spec:09#40
    public function testTheExtensionWithAServerThatHasWhatRoadRunnerHas(): void
    {
        $extension = getenv('RR_EMBED_EXTENSION');
        if (false === $extension || '' === $extension) {
            self::markTestSkipped('RR_EMBED_EXTENSION names no rr_embed.so');
        }
        $server = new Server();
        $address = "unix://{$server->folder}/stock.sock";
        $proxy = new StockProxy($address, $server->rpc);
        $this->assertRun($server, ['RR_RPC' => $address], ['-d', "extension={$extension}"], true);
        unset($proxy);
    }

    // spec:09#40
    public function testTheExtensionWithoutLocksHasNoStepsOfOne(): void
    {
        $extension = getenv('RR_EMBED_EXTENSION');
        if (false === $extension || '' === $extension) {
            self::markTestSkipped('RR_EMBED_EXTENSION names no rr_embed.so');
        }
        $server = new Server();
        $address = "unix://{$server->folder}/stock.sock";
        $proxy = new StockProxy($address, $server->rpc, 'lock');
        $code = "\$kv = new RrEmbed\\Kv('mem'); foreach ([fn () => \$kv->add('a', 'b'), fn () => \$kv->increment('a'), fn () => \$kv->compareAndSet('a', null, 'b')] as \$step) try { \$step(); } catch (RrEmbed\\Exception\\UnsupportedException \$e) { echo \$e->getMessage(), \"\\n\"; }";
        $process = proc_open([\PHP_BINARY, '-d', "extension={$extension}", '-r', $code], [1 => ['pipe', 'w']], $pipes, null, ['RR_RPC' => $address]);
        self::assertNotFalse($process);
        self::assertSame(str_repeat("RrEmbed\Kv::add(), increment() and compareAndSet() need rr-embed, or a RoadRunner with the lock plugin\n", 3), stream_get_contents($pipes[1]));
        proc_close($process);
        unset($proxy);
    }

    public function testAThreadOfTheServer(): void
    {
        $port = Server::freePort();
        $script = self::SCRIPT;
        $server = new Server(more: "server: {command: 'php {$script}'}\nhttp: {address: '127.0.0.1:{$port}', pool: {mode: embed, num_workers: 1}}\n");
        $this->assertReport($server, (string) file_get_contents("http://127.0.0.1:{$port}/"), true);
    }

    public function testAWorkerProcessOfTheServer(): void
    {
        $port = Server::freePort();
        $script = self::SCRIPT;
        $server = new Server(more: "server: {command: 'php {$script}'}\nhttp: {address: '127.0.0.1:{$port}', pool: {mode: process, num_workers: 1}}\n");
        $this->assertReport($server, (string) file_get_contents("http://127.0.0.1:{$port}/"), false);
    }

    /**
     * @param array<string, string> $env
     * @param list<string>          $options of php
     */
    private function assertRun(Server $server, array $env, array $options = [], bool $extension = false): void
    {
        $process = proc_open([\PHP_BINARY, '-d', 'display_errors=stderr', ...$options, self::SCRIPT], [1 => ['pipe', 'w']], $pipes, null, $env);
        self::assertNotFalse($process);
        $report = (string) stream_get_contents($pipes[1]);
        self::assertSame(0, proc_close($process), $report);
        $this->assertReport($server, $report, $extension);
    }

    private function assertReport(Server $server, string $json, bool $extension): void
    {
        $report = json_decode($json, true);
        self::assertIsArray($report, $json);
        self::assertSame([], $report['failures']);
        self::assertSame($extension, $report['extension']);
        $prefix = $report['prefix'];
        self::assertIsString($prefix);
        $this->assertArrived($server, $prefix);
    }

    /**
     * What only the server knows of: counts and records.
     */
    private function assertArrived(Server $server, string $prefix): void
    {
        $metrics = $server->metrics();
        foreach ([
            "# HELP shop_{$prefix}orders Orders", "shop_{$prefix}orders{country=\"NL\",way=\"card\"} 3", "{$prefix}load 13",
            "{$prefix}wait_bucket{le=\"0.1\"} 0", "{$prefix}wait_bucket{le=\"1\"} 1", "{$prefix}size{quantile=\"0.5\"} 7",
        ] as $line) {
            self::assertStringContainsString("\n{$line}\n", "\n{$metrics}");
        }
        $server->waitForLog("{$prefix} informed");
        $server->waitForLog("{$prefix} warned");
    }

    /**
     * @return array<array-key, mixed>
     */
    private function version(string $address): array
    {
        $autoload = var_export(\dirname(__DIR__, 2).'/autoload.php', true);
        $process = proc_open([\PHP_BINARY, '-r', "require {$autoload}; echo json_encode([is_string((new RrEmbed\\Rpc({$address}))->call('rpc.Version', true))]);"], [1 => ['pipe', 'w']], $pipes, null, []);
        self::assertNotFalse($process);
        $json = (string) stream_get_contents($pipes[1]);
        proc_close($process);

        return (array) json_decode($json, true);
    }
}
