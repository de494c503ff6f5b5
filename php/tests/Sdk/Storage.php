<?php

declare(strict_types=1);

namespace RrEmbed\Tests\Sdk;

use PHPUnit\Framework\Assert;

/**
 * What keeps the values of a storage: a driver of the server, with a program of the test's own behind it where it needs one.
 */
final class Storage
{
    /** @var resource|null */
    private mixed $process = null;
    private int $port = 0;

    /**
     * @param 'boltdb'|'memcached'|'redis' $driver
     */
    public function __construct(private readonly string $driver)
    {
        if ('boltdb' !== $driver) {
            $this->start();
        }
    }

    public function __destruct()
    {
        if (null !== $this->process) {
            proc_terminate($this->process, \SIGKILL);
            proc_close($this->process);
        }
    }

    /**
     * The storage in the server's configuration.
     */
    public function config(string $folder): string
    {
        return "{driver: {$this->driver}, config: ".match ($this->driver) {
            'boltdb' => "{file: '{$folder}/rr.db', max_size: 64}",
            'redis' => "{addrs: ['127.0.0.1:{$this->port}']}",
            'memcached' => "{addr: ['127.0.0.1:{$this->port}']}",
        }.'}';
    }

    private function start(): void
    {
        $program = 'redis' === $this->driver ? 'redis-server' : 'memcached';
        if ('' === (string) shell_exec("command -v {$program}")) {
            Assert::markTestSkipped("no {$program} on this machine");
        }
        $this->port = Server::freePort();
        $options = 'redis' === $this->driver
            ? ['--port', (string) $this->port, '--bind', '127.0.0.1', '--save', '', '--appendonly', 'no']
            : ['-p', (string) $this->port, '-l', '127.0.0.1', '-u', 'nobody'];
        $process = proc_open([$program, ...$options], [['file', '/dev/null', 'r'], ['file', '/dev/null', 'w'], ['file', '/dev/null', 'w']], $pipes, sys_get_temp_dir());
        Assert::assertNotFalse($process);
        $this->process = $process;
        $deadline = microtime(true) + 20;
        while (false === $link = @stream_socket_client("tcp://127.0.0.1:{$this->port}", timeout: 1)) {
            Assert::assertLessThan($deadline, microtime(true), "{$program} does not start");
            usleep(10000);
        }
        fclose($link);
    }
}
