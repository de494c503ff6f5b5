<?php

declare(strict_types=1);

namespace RrEmbed\Tests\Sdk;

use PHPUnit\Framework\Assert;
use RrEmbed\Goridge\Frame;
use RrEmbed\Goridge\StreamRelay;

/**
 * A server of this process: it accepts after the client has connected, and answers before the client waits.
 */
final class FakeRpcServer
{
    public readonly string $address;

    /** @var resource */
    private readonly mixed $listener;

    /** @var resource|null */
    private mixed $link = null;
    private ?StreamRelay $relay = null;

    public function __construct()
    {
        $path = sys_get_temp_dir().'/rr-fake-'.bin2hex(random_bytes(6)).'.sock';
        $this->address = "unix://{$path}";
        $listener = stream_socket_server($this->address);
        Assert::assertNotFalse($listener);
        $this->listener = $listener;
    }

    public function __destruct()
    {
        unlink(substr($this->address, 7));
    }

    public function accept(): self
    {
        $link = stream_socket_accept($this->listener, 10);
        Assert::assertNotFalse($link);
        $this->link = $link;
        $this->relay = new StreamRelay($link, $link);

        return $this;
    }

    /**
     * Whether another client waits to be accepted.
     */
    public function hasClient(): bool
    {
        $read = [$this->listener];
        $write = $except = null;

        return 1 === stream_select($read, $write, $except, 0);
    }

    /**
     * The next call.
     *
     * @return array{sequence: int, method: string, argument: string, codec: int}
     */
    public function call(): array
    {
        Assert::assertTrue($this->relay?->wait(10), 'no call comes');
        $frame = $this->relay->receive();
        Assert::assertNotNull($frame);
        Assert::assertCount(2, $frame->options);

        return [
            'sequence' => $frame->options[0], 'method' => substr($frame->payload, 0, $frame->options[1]),
            'argument' => substr($frame->payload, $frame->options[1]), 'codec' => $frame->flags,
        ];
    }

    /**
     * @param array{sequence: int, method: string, argument: string, codec: int} $call
     */
    public function reply(array $call, string $reply, int $flags = 0): void
    {
        $this->relay?->send(self::frame($call, $reply, $flags));
    }

    /**
     * @param array{sequence: int, method: string, argument: string, codec: int} $call
     */
    public static function frame(array $call, string $reply, int $flags = 0): Frame
    {
        return new Frame($call['method'].$reply, [$call['sequence'], \strlen($call['method'])], $call['codec'] | $flags);
    }

    public function sendBytes(string $bytes): void
    {
        Assert::assertNotNull($this->link);
        Assert::assertSame(\strlen($bytes), fwrite($this->link, $bytes));
    }

    public function close(): void
    {
        $this->relay = $this->link = null;
    }
}
