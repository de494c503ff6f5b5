<?php

declare(strict_types=1);

namespace RrEmbed\Tests\Sdk;

use PHPUnit\Framework\Assert;

/**
 * A server of the built binary, with a folder and ports of its own. It ends with the object.
 */
final class Server
{
    public readonly string $folder;
    /** Where it takes RPC. */
    public readonly string $rpc;
    public readonly int $metricsPort;

    /** @var resource|null */
    private mixed $process = null;

    /**
     * @param string       $rpc     where it takes RPC; '' is a unix socket in its folder
     * @param string       $more    sections beside those that every such server has
     * @param Storage|null $storage the storage `store`, beside `mem`
     */
    public function __construct(string $rpc = '', private readonly string $more = '', private readonly ?Storage $storage = null)
    {
        $this->folder = sys_get_temp_dir().'/rr-sdk-'.bin2hex(random_bytes(6));
        mkdir($this->folder);
        $this->metricsPort = self::freePort();
        $this->rpc = '' === $rpc ? "unix://{$this->folder}/rpc.sock" : $rpc;
        $this->start();
    }

    public function __destruct()
    {
        $this->stop();
        foreach (glob($this->folder.'/{,.}[!.]*', \GLOB_BRACE) ?: [] as $file) {
            unlink($file);
        }
        rmdir($this->folder);
    }

    /**
     * The binary; a test that needs one is skipped where none is built.
     */
    public static function binary(): string
    {
        $binary = getenv('RR_BIN') ?: \dirname(__DIR__, 3).'/build/dev/rr-embed';
        if (!is_executable($binary)) {
            Assert::markTestSkipped("no server: {$binary} is not built, and RR_BIN names none");
        }

        return $binary;
    }

    /**
     * A port that nobody listens at, below those that the system gives to whoever dials: it is free a moment later, too.
     */
    public static function freePort(): int
    {
        do {
            $port = random_int(10000, 32000);
            $probe = @stream_socket_server("tcp://127.0.0.1:{$port}");
        } while (false === $probe);

        return $port;
    }

    public function start(): void
    {
        $store = null === $this->storage ? '' : ", store: {$this->storage->config($this->folder)}";
        file_put_contents("{$this->folder}/.rr.yaml", "version: '3'\nrpc: {listen: '{$this->rpc}'}\nkv: {mem: {driver: memory, config: {}}{$store}}\nmetrics: {address: '127.0.0.1:{$this->metricsPort}'}\nservice: {}\nlogs: {mode: raw, level: debug}\n".str_replace('FOLDER', $this->folder, $this->more));
        file_put_contents($this->log(), '');
        $process = proc_open([self::binary(), 'serve', '-c', "{$this->folder}/.rr.yaml"], [['file', '/dev/null', 'r'], ['file', $this->log(), 'a'], ['file', $this->log(), 'a']], $pipes, $this->folder);
        Assert::assertNotFalse($process);
        $this->process = $process;
        $deadline = microtime(true) + 30;
        while (!$this->answers()) {
            if (!proc_get_status($process)['running'] || microtime(true) > $deadline) {
                Assert::fail('the server does not start: '.file_get_contents($this->log()));
            }
            usleep(10000);
        }
    }

    public function stop(int $signal = \SIGTERM): void
    {
        if (null !== $this->process) {
            proc_terminate($this->process, $signal);
            proc_close($this->process);
            $this->process = null;
        }
    }

    /**
     * Waits until the log has a text; it is written by threads of its own.
     */
    public function waitForLog(string $text): void
    {
        $deadline = microtime(true) + 10;
        while (!str_contains((string) file_get_contents($this->log()), $text)) {
            Assert::assertLessThan($deadline, microtime(true), "the log has no \"{$text}\": ".file_get_contents($this->log()));
            usleep(10000);
        }
    }

    public function metrics(): string
    {
        return (string) file_get_contents("http://127.0.0.1:{$this->metricsPort}/metrics");
    }

    private function log(): string
    {
        return "{$this->folder}/log";
    }

    private function answers(): bool
    {
        return str_contains((string) @file_get_contents($this->log()), 'server started');
    }
}
