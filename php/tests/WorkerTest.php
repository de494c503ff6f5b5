<?php

declare(strict_types=1);

namespace RrEmbed\Tests;

use PHPUnit\Framework\Attributes\TestWith;
use PHPUnit\Framework\TestCase;
use RrEmbed\Codec;
use RrEmbed\Exception\InvalidStateException;
use RrEmbed\Exception\TimeoutException;
use RrEmbed\Exception\TransportException;
use RrEmbed\Goridge\Frame;
use RrEmbed\Internal\WorkerChannel;
use RrEmbed\Payload;
use RrEmbed\Worker;

final class WorkerTest extends TestCase
{
    private FakeServer $server;
    private Worker $worker;

    protected function setUp(): void
    {
        $this->server = new FakeServer();
        $this->worker = Worker::current();
    }

    protected function tearDown(): void
    {
        $this->server->close();
        WorkerChannel::install(null);
    }

    public function testThereIsOneWorkerPerProcess(): void
    {
        self::assertSame($this->worker, Worker::current());
    }

    // spec:01#11
    public function testThePidRequestIsAnsweredOnTheWayToTheFirstRequest(): void
    {
        $this->server->sendHex('13 09 0c 00 00 00 5f 0c 46 73 00 00 7b 22 70 69 64 22 3a 34 32 34 32 7d');
        $this->server->request('hello');
        $this->worker->next();

        self::assertEquals(new Frame('{"pid":'.getmypid().'}', [], Frame::CONTROL), $this->server->frame());
    }

    // spec:01#19
    public function testARequestIsSplitIntoContextAndBodyAndTheAnswerRepeatsItsCodec(): void
    {
        $this->server->sendHex('14 08 0c 00 00 00 57 15 23 53 00 00 07 00 00 00 7b 22 61 22 3a 31 7d 68 65 6c 6c 6f');
        self::assertEquals(new Payload('hello', '{"a":1}', true, 8), $this->worker->next());

        $this->worker->respond('HELLO', '{"s":200}');
        self::assertEquals(new Frame('{"s":200}HELLO', [9], Frame::JSON), $this->server->frame());
    }

    // spec:01#19
    public function testBodyOnlyContextOnlyAndEmptyAnswersAreFrames(): void
    {
        foreach ([['hello', ''], ['', '{}'], ['', '']] as [$body, $header]) {
            $this->server->request($body, $header);
            self::assertEquals(new Payload($body, $header), $this->worker->next());
            $this->worker->respond($body, $header);
            self::assertEquals(new Frame($header.$body, [\strlen($header)]), $this->server->frame());
        }
    }

    public function testTheCodecOfAnAnswerCanBeChosen(): void
    {
        $this->server->request('x');
        $this->worker->next();
        $this->worker->respond('ok', "\x08\xc8\x01", codec: Codec::Proto);

        self::assertSame('14 80 05 00 00 00 8e a1 bd af 00 00 03 00 00 00 08 c8 01 6f 6b', $this->server->hex());
    }

    // spec:01#20
    public function testAnErrorAnswersTheRequestAndTheWorkerGoesOn(): void
    {
        $this->server->request('x');
        $this->worker->next();
        $this->worker->error('boom');
        self::assertSame('13 40 04 00 00 00 88 1e 11 e3 00 00 62 6f 6f 6d', $this->server->hex());

        $this->server->request('next');
        self::assertSame('next', $this->worker->next()?->body);
    }

    // spec:01#21
    public function testStopGivesTheRequestBackAndTheServersStopEndsTheLoop(): void
    {
        $this->server->request('x');
        $this->worker->next();
        $this->worker->stop();
        self::assertSame('14 00 0d 00 00 00 f3 39 ef db 00 00 0d 00 00 00 7b 22 73 74 6f 70 22 3a 74 72 75 65 7d', $this->server->hex());

        $this->server->stop();
        self::assertNull($this->worker->next());
    }

    public function testStopWithoutARequestSendsNothingAndEndsTheLoop(): void
    {
        $this->worker->stop();

        $this->server->assertSilent();
        self::assertNull($this->worker->next());
    }

    // spec:01#37
    public function testTheServersStopEndsTheLoopForGood(): void
    {
        $this->server->sendHex('13 09 0d 00 00 00 3a 6b fa cb 00 00 7b 22 73 74 6f 70 22 3a 74 72 75 65 7d');

        self::assertNull($this->worker->next());
        self::assertNull($this->worker->next());
    }

    public function testAClosedPipeEndsTheLoop(): void
    {
        $this->server->close();

        self::assertNull($this->worker->next());
    }

    // spec:01#59
    public function testASecondAnswerIsRefusedBeforeItReachesTheServer(): void
    {
        $this->server->request('x');
        $this->worker->next();
        $this->worker->respond('one');
        $this->server->frame();
        try {
            $this->worker->respond('two');
            self::fail('a second answer went through');
        } catch (InvalidStateException) {
            $this->server->assertSilent();
        }
    }

    public function testTheNextRequestIsRefusedWhileThisOneHasNoAnswer(): void
    {
        $this->server->request('x');
        $this->worker->next();

        $this->expectException(InvalidStateException::class);
        $this->worker->next();
    }

    public function testAWaitEndsInATimeoutAndTheWorkerGoesOn(): void
    {
        try {
            $this->worker->next(0.01);
            self::fail('nothing was there');
        } catch (TimeoutException $error) {
            self::assertSame('no request within 0.01 s', $error->getMessage());
        }
        $this->server->request('late');
        self::assertSame('late', $this->worker->next(0.0)?->body);
    }

    // spec:01#30
    public function testAStreamIsFramesWithTheStreamBitAndOneWithout(): void
    {
        $this->server->request('x');
        $this->worker->next();
        $this->worker->respond('a', '{"s":200}', false);
        self::assertSame('14 00 0a 00 00 00 4a 01 38 46 01 00 09 00 00 00 7b 22 73 22 3a 32 30 30 7d 61', $this->server->hex());
        self::assertFalse($this->worker->cancelled());
        $this->worker->respond('', last: true);
        self::assertSame('14 00 00 00 00 00 2e e1 85 29 00 00 00 00 00 00', $this->server->hex());
    }

    // spec:01#32
    public function testAStopBitCancelsTheStreamAndNotTheWorker(): void
    {
        $this->server->request('x');
        $this->worker->next();
        $this->worker->respond('a', last: false);
        $this->server->frame();
        $this->server->sendHex('13 00 00 00 00 00 96 d1 80 34 02 00');
        self::assertTrue($this->worker->cancelled());
        self::assertTrue($this->worker->cancelled());
        $this->worker->respond('');
        $this->server->frame();

        $this->server->request('next');
        self::assertSame('next', $this->worker->next()?->body);
        self::assertFalse($this->worker->cancelled());
    }

    // spec:01#36
    #[TestWith(['13 00 00 00 00 00 96 d1 80 34 08 00'])]
    #[TestWith(['13 00 00 00 00 00 96 d1 80 34 02 00'])]
    public function testStrayPongAndStopBitsAreSkipped(string $hex): void
    {
        $this->server->sendHex($hex);
        $this->server->request('x');
        self::assertSame('x', $this->worker->next()?->body);
        $this->server->sendHex('13 00 00 00 00 00 96 d1 80 34 08 00');
        self::assertFalse($this->worker->cancelled());
    }

    #[TestWith(['nonsense', 'invalid control frame, JSON is expected: Syntax error'])]
    #[TestWith(['{"dance":true}', 'invalid control frame: neither stop nor pid'])]
    public function testOtherControlFramesAreErrors(string $json, string $message): void
    {
        $this->server->relay->send(new Frame($json, [], Frame::CONTROL));

        $this->expectException(TransportException::class);
        $this->expectExceptionMessage($message);
        $this->worker->next();
    }

    /**
     * @param list<int> $options
     */
    #[TestWith([[], 'without the option'])]
    #[TestWith([[6], 'a context of 6 bytes in a payload of 5'])]
    public function testRequestsThatCannotBeSplitAreErrors(array $options, string $message): void
    {
        $this->server->relay->send(new Frame('hello', $options));

        $this->expectException(TransportException::class);
        $this->expectExceptionMessage($message);
        $this->worker->next();
    }

    public function testAWorkerIsNeitherClonedNorSerialised(): void
    {
        self::assertFalse((new \ReflectionClass(Worker::class))->isCloneable());
        $this->expectExceptionMessage("Serialization of 'RrEmbed\\Worker' is not allowed");
        serialize($this->worker);
    }
}
