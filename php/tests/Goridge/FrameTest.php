<?php

declare(strict_types=1);

namespace RrEmbed\Tests\Goridge;

use PHPUnit\Framework\Attributes\DataProvider;
use PHPUnit\Framework\Attributes\TestWith;
use PHPUnit\Framework\TestCase;
use RrEmbed\Exception\TransportException;
use RrEmbed\Goridge\Frame;
use RrEmbed\Goridge\StreamRelay;
use RrEmbed\Tests\FakeServer;

final class FrameTest extends TestCase
{
    /**
     * The vectors of the fact sheet.
     *
     * @return iterable<string, array{string, Frame}>
     */
    public static function vectors(): iterable
    {
        $version = 'rpc.Version';
        yield 'A stop control' => ['13 09 0d 00 00 00 3a 6b fa cb 00 00 7b 22 73 74 6f 70 22 3a 74 72 75 65 7d', new Frame('{"stop":true}', [], Frame::CONTROL | Frame::JSON)];
        yield 'B pid request' => ['13 09 0c 00 00 00 5f 0c 46 73 00 00 7b 22 70 69 64 22 3a 34 32 34 32 7d', new Frame('{"pid":4242}', [], Frame::CONTROL | Frame::JSON)];
        yield 'C pid reply' => ['13 01 0c 00 00 00 9e 47 36 43 00 00 7b 22 70 69 64 22 3a 37 30 30 31 7d', new Frame('{"pid":7001}', [], Frame::CONTROL)];
        yield 'D request' => ['14 08 0c 00 00 00 57 15 23 53 00 00 07 00 00 00 7b 22 61 22 3a 31 7d 68 65 6c 6c 6f', new Frame('{"a":1}hello', [7], Frame::JSON)];
        yield 'E response' => ['14 00 0e 00 00 00 1d 96 5a c9 00 00 09 00 00 00 7b 22 73 22 3a 32 30 30 7d 48 45 4c 4c 4f', new Frame('{"s":200}HELLO', [9])];
        yield 'F protobuf response' => ['14 80 05 00 00 00 8e a1 bd af 00 00 03 00 00 00 08 c8 01 6f 6b', new Frame("\x08\xc8\x01ok", [3], Frame::PROTO)];
        yield 'G body only' => ['14 00 05 00 00 00 1c 11 5b 1e 00 00 00 00 00 00 68 65 6c 6c 6f', new Frame('hello', [0])];
        yield 'H worker asks to be stopped' => ['14 00 0d 00 00 00 f3 39 ef db 00 00 0d 00 00 00 7b 22 73 74 6f 70 22 3a 74 72 75 65 7d', new Frame('{"stop":true}', [13])];
        yield 'I error' => ['13 40 04 00 00 00 88 1e 11 e3 00 00 62 6f 6f 6d', new Frame('boom', [], Frame::ERROR)];
        yield 'J chunk' => ['14 00 0a 00 00 00 4a 01 38 46 01 00 09 00 00 00 7b 22 73 22 3a 32 30 30 7d 61', new Frame('{"s":200}a', [9], 0, Frame::STREAM)];
        yield 'K chunk with ping' => ['14 00 01 00 00 00 4b 86 39 91 05 00 00 00 00 00 66', new Frame('f', [0], 0, Frame::STREAM | Frame::PING)];
        yield 'L end of stream' => ['14 00 00 00 00 00 2e e1 85 29 00 00 00 00 00 00', new Frame('', [0])];
        yield 'M pong' => ['13 00 00 00 00 00 96 d1 80 34 08 00', new Frame('', [], 0, Frame::PONG)];
        yield 'N stop bit' => ['13 00 00 00 00 00 96 d1 80 34 02 00', new Frame('', [], 0, Frame::STOP)];
        yield 'O rpc call' => ['15 08 0f 00 00 00 1c 69 ca 8a 00 00 01 00 00 00 0b 00 00 00 72 70 63 2e 56 65 72 73 69 6f 6e 74 72 75 65', new Frame($version.'true', [1, 11], Frame::JSON)];
        yield 'P rpc reply' => ['15 08 15 00 00 00 e7 de 6e b5 00 00 01 00 00 00 0b 00 00 00 72 70 63 2e 56 65 72 73 69 6f 6e 22 32 30 32 35 2e 31 2e 35 22', new Frame($version.'"2025.1.5"', [1, 11], Frame::JSON)];
        yield 'Q rpc error' => ['15 48 26 00 00 00 e1 d1 03 0f 00 00 02 00 00 00 07 00 00 00 66 6f 6f 2e 42 61 72 72 70 63 3a 20 63 61 6e 27 74 20 66 69 6e 64 20 73 65 72 76 69 63 65 20 66 6f 6f 2e 42 61 72', new Frame("foo.Barrpc: can't find service foo.Bar", [2, 7], Frame::JSON | Frame::ERROR)];
        yield 'R rpc call in protobuf' => ['15 80 0b 00 00 00 18 05 3e 84 00 00 02 01 00 00 06 00 00 00 6b 76 2e 48 61 73 0a 03 6d 65 6d', new Frame("kv.Has\x0a\x03mem", [258, 6], Frame::PROTO)];
    }

    // spec:01#1
    #[DataProvider('vectors')]
    public function testEncodesToTheBytesOfTheFactSheet(string $hex, Frame $frame): void
    {
        self::assertSame(bin2hex(FakeServer::bytes($hex)), bin2hex($frame->encode()));
    }

    // spec:01#1
    #[DataProvider('vectors')]
    public function testIsReadFromTheBytesOfTheFactSheet(string $hex, Frame $frame): void
    {
        self::assertEquals($frame, self::read(FakeServer::bytes($hex)));
    }

    // spec:01#2
    #[TestWith([10])]
    #[TestWith([11])]
    public function testBytesAfterTheChecksumAreNotCovered(int $byte): void
    {
        $bytes = FakeServer::bytes(self::vector('A'));
        $bytes[$byte] = "\xff";
        self::assertSame('{"stop":true}', self::read($bytes)?->payload);
    }

    // spec:01#2
    public function testAWrongChecksumIsRefusedAndTheBytesAreShown(): void
    {
        $bytes = FakeServer::bytes(self::vector('A'));
        $bytes[6] = "\xff";
        $this->expectException(TransportException::class);
        $this->expectExceptionMessage('It begins with "\023\t\r');
        self::read($bytes);
    }

    // spec:01#2
    public function testTheOptionSaysWhereTheContextEnds(): void
    {
        $bytes = FakeServer::bytes(self::vector('G'));
        $bytes[12] = "\x01";
        self::assertSame([1], self::read($bytes)?->options);
    }

    // spec:01#3
    public function testTheVersionIsNotLookedAt(): void
    {
        self::assertSame('{"s":200}HELLO', self::read(self::withHeader(0xF4, 14, FakeServer::bytes(self::vector('E'))))?->payload);
    }

    // spec:01#7
    #[TestWith([0])]
    #[TestWith([1])]
    #[TestWith([2])]
    #[TestWith([14])]
    #[TestWith([15])]
    public function testImpossibleHeaderLengthsAreRefused(int $words): void
    {
        $this->expectException(TransportException::class);
        $this->expectExceptionMessage("malformed frame: a header of {$words} words");
        self::read(self::withHeader(0x10 | $words, 0, str_repeat("\0", 60)));
    }

    // spec:01#8
    public function testALengthOverTheCapIsRefusedBeforeAnythingIsAllocated(): void
    {
        $this->expectException(TransportException::class);
        $this->expectExceptionMessage('malformed frame: a payload of 4294967295 bytes, 1073741824 are allowed');
        self::read(self::withHeader(0x13, 0xFFFFFFFF, str_repeat("\0", 12)));
    }

    // spec:01#9
    public function testTenOptionsRoundTripAndElevenAreRefused(): void
    {
        $frame = new Frame('payload', [1, 2, 3, 4, 5, 6, 7, 8, 9, 0xFFFFFFFF]);
        self::assertSame(0x1D, \ord($frame->encode()[0]));
        self::assertEquals($frame, self::read($frame->encode()));

        $this->expectException(\ValueError::class);
        (new Frame('', range(0, 10)))->encode();
    }

    private static function vector(string $letter): string
    {
        foreach (self::vectors() as $name => [$hex]) {
            if ($letter === $name[0]) {
                return $hex;
            }
        }
        self::fail("no vector {$letter}");
    }

    private static function withHeader(int $first, int $length, string $bytes): string
    {
        $head = pack('CCV', $first, 0, $length);

        return $head.pack('V', crc32($head)).substr($bytes, 10);
    }

    private static function read(string $bytes): ?Frame
    {
        $stream = fopen('php://memory', 'r+');
        self::assertNotFalse($stream);
        fwrite($stream, $bytes);
        rewind($stream);

        return (new StreamRelay($stream, $stream))->receive();
    }
}
