<?php

declare(strict_types=1);

namespace RrEmbed\Tests;

use PHPUnit\Framework\Assert;
use RrEmbed\Goridge\Frame;
use RrEmbed\Goridge\StreamRelay;
use RrEmbed\Internal\WorkerChannel;

/**
 * The server's end of a socket pair; the worker's end is the channel of this process. What the server sends waits in
 * the pair until the code under test reads it.
 */
final class FakeServer
{
    public readonly StreamRelay $relay;

    /** @var resource|null */
    private mixed $end;

    /** @var resource */
    private readonly mixed $workerEnd;

    public function __construct()
    {
        $pair = stream_socket_pair(\STREAM_PF_UNIX, \STREAM_SOCK_STREAM, 0);
        Assert::assertNotFalse($pair);
        [$this->end, $this->workerEnd] = $pair;
        $this->relay = new StreamRelay($this->end, $this->end);
        WorkerChannel::install(new WorkerChannel(new StreamRelay($this->workerEnd, $this->workerEnd)));
    }

    /**
     * @param string $hex bytes as the fact sheet prints them
     */
    public function sendHex(string $hex): void
    {
        $this->sendBytes(self::bytes($hex));
    }

    public function sendBytes(string $bytes): void
    {
        Assert::assertNotNull($this->end);
        fwrite($this->end, $bytes);
    }

    public function request(string $body, string $context = '', int $flags = 0): void
    {
        $this->relay->send(new Frame($context.$body, [\strlen($context)], $flags));
    }

    /**
     * @param array<string, mixed> $context
     */
    public function httpRequest(array $context = [], string $body = ''): void
    {
        $this->request($body, json_encode($context + [
            'remoteAddr' => '192.0.2.7', 'protocol' => 'HTTP/1.1', 'method' => 'GET', 'uri' => 'http://example.org:8080/path',
            'headers' => (object) [], 'cookies' => (object) [], 'rawQuery' => '', 'parsed' => false, 'uploads' => null, 'attributes' => null,
        ], \JSON_THROW_ON_ERROR), Frame::JSON);
    }

    public function stop(): void
    {
        $this->relay->send(new Frame('{"stop":true}', [], Frame::CONTROL | Frame::JSON));
    }

    public function cancelStream(): void
    {
        $this->relay->send(new Frame('', [], 0, Frame::STOP));
    }

    /**
     * The next frame from the worker; it must be there already.
     */
    public function frame(): Frame
    {
        Assert::assertTrue($this->relay->wait(0.0), 'the worker sent nothing');
        $frame = $this->relay->receive();
        Assert::assertNotNull($frame);

        return $frame;
    }

    /**
     * The next frame, taken apart as an HTTP answer.
     *
     * @return array{status: int|null, headers: array<string, list<string>>, body: string, stream: int, flags: int}
     */
    public function answer(): array
    {
        $frame = $this->frame();
        $length = $frame->options[0] ?? 0;
        /** @var array{status: int, headers: array<string, list<string>>} $context */
        $context = 0 === $length ? ['status' => null, 'headers' => []] : json_decode(substr($frame->payload, 0, $length), true, 512, \JSON_THROW_ON_ERROR);

        return [
            'status' => $context['status'],
            'headers' => $context['headers'],
            'body' => substr($frame->payload, $length),
            'stream' => $frame->stream,
            'flags' => $frame->flags,
        ];
    }

    public function assertSilent(): void
    {
        Assert::assertFalse($this->relay->wait(0.0), 'the worker sent something');
    }

    /**
     * All bytes that the worker has sent and nobody has read.
     */
    public function hex(): string
    {
        Assert::assertNotNull($this->end);
        Assert::assertTrue($this->relay->wait(0.0), 'the worker sent nothing');

        return rtrim(chunk_split(bin2hex((string) fread($this->end, 65536)), 2, ' '));
    }

    public function close(): void
    {
        if (null !== $this->end) {
            fclose($this->end);
            $this->end = null;
        }
    }

    public static function bytes(string $hex): string
    {
        $bytes = hex2bin(str_replace([' ', "\n"], '', $hex));
        Assert::assertNotFalse($bytes);

        return $bytes;
    }
}
