<?php

declare(strict_types=1);

namespace RrEmbed\Tests\Jobs;

use PHPUnit\Framework\TestCase;
use RrEmbed\Exception\InvalidStateException;
use RrEmbed\Exception\TimeoutException;
use RrEmbed\Exception\UnsupportedException;
use RrEmbed\Goridge\Frame;
use RrEmbed\Internal\WorkerChannel;
use RrEmbed\Jobs\Consumer;
use RrEmbed\Jobs\Job;
use RrEmbed\Tests\FakeServer;

final class ConsumerTest extends TestCase
{
    private FakeServer $server;
    private Consumer $consumer;

    protected function setUp(): void
    {
        $this->server = new FakeServer();
        $this->consumer = new Consumer();
    }

    protected function tearDown(): void
    {
        WorkerChannel::install(null);
    }

    public function testAJobIsWhatItsContextSays(): void
    {
        $this->push(['queue' => 'q', 'headers' => ['X-Kind' => ['a', 'b'], 'none' => [], 'null' => null]], "bytes\0");
        $job = $this->job();
        self::assertSame(
            ['id-1', 'welcome', "bytes\0", 'mail', 'q', 'amqp', ['X-Kind' => ['a', 'b'], 'none' => [], 'null' => []], null, 'a, b', '', null],
            [$job->id, $job->name, $job->payload, $job->pipeline, $job->queue, $job->driver, $job->headers, $job->attempt, $job->header('x-kind'), $job->header('none'), $job->header('other')],
        );
    }

    public function testAContextWithoutQueueAndHeadersIsFine(): void
    {
        $this->push(['headers' => null]);
        self::assertSame(['', []], [$this->consumer->next()?->queue, []]);
    }

    // spec:03 §2.3, §6
    public function testAnswersAreThoseOfTheProtocol(): void
    {
        foreach ([
            ['{"type":2,"data":[]}', static fn (Job $job) => $job->ack()],
            ['{"type":3,"data":{"message":"","requeue":false,"delay_seconds":0}}', static fn (Job $job) => $job->nack()],
            ['{"type":3,"data":{"message":"broken","requeue":true,"delay_seconds":2}}', static fn (Job $job) => $job->nack('broken', true, 1.2)],
            ['{"type":4,"data":{"message":"later","delay_seconds":60,"headers":{"a":["1"],"b":["x","y"]}}}', static fn (Job $job) => $job->requeue('later', 60, ['b' => ['x', 'y'], 'a' => '1'])],
            ['{"type":4,"data":{"message":"","delay_seconds":0,"headers":{"a":["0"]}}}', static fn (Job $job) => $job->requeue()],
        ] as [$answer, $give]) {
            $this->push(['headers' => ['a' => ['0']]]);
            $job = $this->job();
            self::assertFalse($job->answered());
            $give($job);
            self::assertTrue($job->answered());
            $frame = $this->server->frame();
            $seen = json_decode($frame->payload, true);
            self::assertEquals(json_decode($answer, true), $seen);
            self::assertSame([0], $frame->options);
        }
    }

    public function testRequeueWithoutHeadersHasNone(): void
    {
        $this->push([]);
        $this->job()->requeue();
        self::assertSame('{"type":4,"data":{"message":"","delay_seconds":0}}', $this->server->frame()->payload);
    }

    public function testASecondAnswerIsRefused(): void
    {
        $this->push([]);
        $job = $this->job();
        $job->ack();
        $this->server->frame();
        try {
            $job->nack();
            self::fail('a second answer went through');
        } catch (InvalidStateException) {
            $this->server->assertSilent();
        }
    }

    public function testAJobWithoutAnAnswerFailsWithAWarning(): void
    {
        $this->push([]);
        $this->job();
        $this->push([]);
        $warnings = [];
        set_error_handler(static function (int $type, string $text) use (&$warnings): bool {
            $warnings[] = $text;

            return true;
        });
        $this->job();
        restore_error_handler();
        self::assertSame(['RrEmbed\Jobs\Consumer::next(): the job id-1 was left without an answer: it fails'], $warnings);
        self::assertStringStartsWith('{"type":3,', $this->server->frame()->payload);
    }

    public function testRunAcknowledgesWhatReturnsAndFailsWhatThrows(): void
    {
        foreach (['fine', 'throws', 'answers'] as $name) {
            $this->push(['job' => $name]);
        }
        $this->server->stop();
        self::assertSame(0, $this->consumer->run(static function (Job $job): void {
            match ($job->name) {
                'throws' => throw new \DomainException('no luck'),
                'answers' => $job->requeue(),
                default => null,
            };
        }, true));
        self::assertSame('{"type":2,"data":[]}', $this->server->frame()->payload);
        $failed = $this->server->frame()->payload;
        self::assertStringStartsWith('{"type":3,"data":{"message":"DomainException: no luck', $failed);
        self::assertStringContainsString('"requeue":true', $failed);
        self::assertStringStartsWith('{"type":4,', $this->server->frame()->payload);
        $this->server->assertSilent();
    }

    public function testAContextThatIsNoJsonIsAnErrorOfThatJobAlone(): void
    {
        $this->server->request('x', 'nonsense', Frame::RAW);
        $this->push([]);
        self::assertSame('id-1', $this->consumer->next()?->id);
        $frame = $this->server->frame();
        self::assertSame([Frame::ERROR, 'malformed job context: Syntax error'], [$frame->flags, $frame->payload]);
    }

    public function testAWaitEnds(): void
    {
        $this->expectException(TimeoutException::class);
        $this->consumer->next(0.01);
    }

    public function testMoreTimeIsUnsupportedHere(): void
    {
        $this->push([]);
        $this->expectException(UnsupportedException::class);
        $this->job()->keepAlive(10);
    }

    public function testADelayBelow0IsRefusedBeforeAnythingIsSent(): void
    {
        $this->push([]);
        $job = $this->job();
        try {
            $job->nack('x', true, -1);
            self::fail('it went through');
        } catch (\ValueError $error) {
            self::assertSame('RrEmbed\Jobs\Job::nack(): Argument #3 ($delay) must be greater than or equal to 0', $error->getMessage());
            self::assertFalse($job->answered());
        }
    }

    /**
     * @param array<string, mixed> $context
     */
    private function push(array $context, string $payload = ''): void
    {
        $this->server->request($payload, json_encode($context + ['id' => 'id-1', 'job' => 'welcome', 'driver' => 'amqp', 'pipeline' => 'mail'], \JSON_THROW_ON_ERROR), Frame::RAW);
    }

    private function job(): Job
    {
        $job = $this->consumer->next();
        self::assertNotNull($job);

        return $job;
    }
}
