<?php

declare(strict_types=1);

namespace RrEmbed\Tests\Goridge;

use PHPUnit\Framework\Attributes\TestWith;
use PHPUnit\Framework\TestCase;
use RrEmbed\Exception\TransportException;
use RrEmbed\Goridge\Frame;
use RrEmbed\Goridge\StreamRelay;

final class StreamRelayTest extends TestCase
{
    private const D = "\x14\x08\x0c\x00\x00\x00\x57\x15\x23\x53\x00\x00\x07\x00\x00\x00{\"a\":1}hello";

    // spec:01#4
    public function testThreeFramesInOneWriteAreThreeFrames(): void
    {
        [$relay, $peer] = self::pair();
        fwrite($peer, self::D.(new Frame('HELLO', [0]))->encode().(new Frame('', [], 0, Frame::PONG))->encode());

        self::assertSame('{"a":1}hello', $relay->receive()?->payload);
        self::assertSame('HELLO', $relay->receive()?->payload);
        self::assertSame(Frame::PONG, $relay->receive()?->stream);
        self::assertFalse($relay->wait(0.0));
    }

    // spec:01#4
    public function testAFrameThatComesByteByByteIsOneFrame(): void
    {
        $writer = self::process('foreach (str_split(hex2bin($argv[1])) as $byte) { fwrite(STDOUT, $byte); usleep(200); }', bin2hex(self::D));
        $frame = (new StreamRelay($writer[1], $writer[0]))->receive();

        self::assertNotNull($frame);
        self::assertSame('{"a":1}hello', $frame->payload);
        self::assertSame([7], $frame->options);
    }

    // spec:01#5
    public function testTheEndBetweenTwoFramesIsNull(): void
    {
        [$relay, $peer] = self::pair();
        fwrite($peer, self::D);
        fclose($peer);

        self::assertNotNull($relay->receive());
        self::assertNull($relay->receive());
    }

    // spec:01#5
    #[TestWith([5])]
    #[TestWith([12])]
    #[TestWith([14])]
    #[TestWith([16])]
    #[TestWith([20])]
    public function testTheEndInsideAFrameIsAnErrorAndNoSpin(int $bytes): void
    {
        [$relay, $peer] = self::pair();
        fwrite($peer, substr(self::D, 0, $bytes));
        fclose($peer);

        $this->expectException(TransportException::class);
        $this->expectExceptionMessage('unexpected EOF');
        $relay->receive();
    }

    // spec:01#10
    #[TestWith([0])]
    #[TestWith([1])]
    #[TestWith([4095])]
    #[TestWith([4096])]
    #[TestWith([65536])]
    #[TestWith([1048577])]
    #[TestWith([10485761])]
    public function testPayloadsOfAllSizesComeBackIntact(int $size): void
    {
        $autoload = var_export(\dirname(__DIR__, 3).'/php/autoload.php', true);
        $echo = self::process("require {$autoload}; \$r = RrEmbed\\Goridge\\RelayFactory::create('pipes'); while (\$f = \$r->receive()) \$r->send(\$f);", '');
        $relay = new StreamRelay($echo[1], $echo[0]);
        $payload = substr(str_repeat('0123456789abcdef', intdiv($size, 16) + 1), 0, $size);
        $relay->send(new Frame($payload, [0]));

        self::assertTrue($payload === $relay->receive()?->payload);
    }

    public function testAPeerThatIsGoneIsAnErrorOfTheWriter(): void
    {
        [$relay, $peer] = self::pair();
        fclose($peer);

        $this->expectException(TransportException::class);
        $this->expectExceptionMessage('the server is gone');
        for ($i = 0; $i < 3; ++$i) {
            $relay->send(new Frame('x', [0]));
        }
    }

    public function testANonBlockingPipeIsWaitedForAndNotSpunOn(): void
    {
        $writer = self::process('usleep(50000); fwrite(STDOUT, hex2bin($argv[1]));', bin2hex(self::D));
        stream_set_blocking($writer[1], false);
        $started = hrtime(true);
        $before = self::cpuMicroseconds();
        $frame = (new StreamRelay($writer[1], $writer[0]))->receive();
        $spent = self::cpuMicroseconds() - $before;

        self::assertSame('{"a":1}hello', $frame?->payload);
        self::assertGreaterThan(40e6, hrtime(true) - $started);
        self::assertLessThan(30_000, $spent);
    }

    private static function cpuMicroseconds(): float
    {
        $usage = getrusage();
        self::assertIsArray($usage);
        $microseconds = 0.0;
        foreach (['ru_utime', 'ru_stime'] as $part) {
            $seconds = $usage[$part.'.tv_sec'];
            $rest = $usage[$part.'.tv_usec'];
            self::assertIsInt($seconds);
            self::assertIsInt($rest);
            $microseconds += 1e6 * $seconds + $rest;
        }

        return $microseconds;
    }

    /**
     * @return array{StreamRelay, resource}
     */
    private static function pair(): array
    {
        $pair = stream_socket_pair(\STREAM_PF_UNIX, \STREAM_SOCK_STREAM, 0);
        self::assertNotFalse($pair);

        return [new StreamRelay($pair[0], $pair[0]), $pair[1]];
    }

    /**
     * @return array{resource, resource} its stdin and stdout
     */
    private static function process(string $code, string $argument): array
    {
        $process = proc_open([\PHP_BINARY, '-r', $code, '--', $argument], [['pipe', 'r'], ['pipe', 'w']], $pipes);
        self::assertNotFalse($process);
        self::$processes[] = $process;

        return [$pipes[0], $pipes[1]];
    }

    /** @var list<resource> kept: a process handle that is freed waits for its process */
    private static array $processes = [];

    protected function tearDown(): void
    {
        foreach (self::$processes as $process) {
            proc_terminate($process);
        }
        self::$processes = [];
    }
}
