<?php

declare(strict_types=1);

namespace RrEmbed\Tests\Jobs;

use PHPUnit\Framework\Attributes\TestWith;
use PHPUnit\Framework\TestCase;
use RrEmbed\Goridge\Frame;
use RrEmbed\Goridge\StreamRelay;

/**
 * A worker for jobs in a process of its own, by the library and by the extension.
 */
final class ConsumerProcessTest extends TestCase
{
    private const SCRIPT = <<<'PHP'
        exit((new RrEmbed\Jobs\Consumer())->run(static function (RrEmbed\Jobs\Job $job): void {
            match ($job->name) {
                'tell' => $job->nack(json_encode([$job->id, $job->payload, $job->pipeline, $job->queue, $job->driver, $job->headers, $job->attempt, $job->header('x-kind'), $job->header('no'), $job->answered()])),
                'throw' => throw new DomainException('no luck'),
                'nack' => $job->nack('broken', true, 1.2),
                'requeue' => $job->requeue('later', 60, ['b' => ['x', 'y'], 'a' => '1']),
                'again' => $job->requeue(),
                'twice' => [$job->ack(), $job->ack()],
                'more' => $job->keepAlive(),
                default => null,
            };
        }, true));
        PHP;

    // spec:03 §2.3, §6
    #[TestWith([false])]
    #[TestWith([true])]
    public function testEveryJobHasItsAnswer(bool $withExtension): void
    {
        $extension = (string) getenv('RR_EMBED_EXTENSION');
        if ($withExtension && '' === $extension) {
            self::markTestSkipped('RR_EMBED_EXTENSION names no rr_embed.so');
        }
        $autoload = var_export(\dirname(__DIR__, 2).'/autoload.php', true);
        $script = "require {$autoload};\n".self::SCRIPT;
        $command = [\PHP_BINARY, ...($withExtension ? ['-d', "extension={$extension}"] : []), '-r', $script];
        $process = proc_open($command, [['pipe', 'r'], ['pipe', 'w'], ['file', '/dev/null', 'w']], $pipes, null, ['RR_MODE' => 'jobs', 'RR_RELAY' => 'pipes']);
        self::assertNotFalse($process);
        $relay = new StreamRelay($pipes[1], $pipes[0]);
        $answer = static function (string $name, array $context = [], string $payload = '') use ($relay): mixed {
            $json = json_encode($context + ['id' => 'id-1', 'job' => $name, 'driver' => 'amqp', 'pipeline' => 'mail', 'headers' => ['a' => ['0']]], \JSON_THROW_ON_ERROR);
            $relay->send(new Frame($json.$payload, [\strlen($json)], Frame::RAW));
            self::assertTrue($relay->wait(20), 'the worker does not answer');
            $frame = $relay->receive();
            self::assertNotNull($frame, 'the worker has ended');
            self::assertSame([[0], 0], [$frame->options, $frame->stream]);

            return json_decode($frame->payload, true);
        };

        self::assertSame(['type' => 2, 'data' => []], $answer('done'));
        $told = $answer('tell', ['queue' => 'q', 'headers' => ['X-Kind' => ['a', 'b'], 'null' => null]], 'bytes');
        self::assertSame(['type' => 3, 'data' => ['message' => '["id-1","bytes","mail","q","amqp",{"X-Kind":["a","b"],"null":[]},null,"a, b",null,false]', 'requeue' => false, 'delay_seconds' => 0]], $told);
        self::assertSame(['type' => 3, 'data' => ['message' => 'broken', 'requeue' => true, 'delay_seconds' => 2]], $answer('nack'));
        self::assertEquals(['type' => 4, 'data' => ['message' => 'later', 'delay_seconds' => 60, 'headers' => ['a' => ['1'], 'b' => ['x', 'y']]]], $answer('requeue'));
        self::assertEquals(['type' => 4, 'data' => ['message' => '', 'delay_seconds' => 0, 'headers' => ['a' => ['0']]]], $answer('again'));
        self::assertSame(['type' => 4, 'data' => ['message' => '', 'delay_seconds' => 0]], $answer('again', ['headers' => null]));
        foreach (['throw' => 'DomainException: no luck', 'more' => 'RrEmbed\Exception\UnsupportedException: RrEmbed\Jobs\Job::keepAlive() needs a server'] as $name => $text) {
            $failed = $answer($name);
            self::assertIsArray($failed);
            self::assertIsArray($failed['data']);
            self::assertIsString($failed['data']['message']);
            self::assertStringStartsWith($text, $failed['data']['message']);
            self::assertSame([3, true], [$failed['type'], $failed['data']['requeue']]);
        }
        self::assertSame(['type' => 2, 'data' => []], $answer('twice'));
        self::assertSame(['type' => 2, 'data' => []], $answer('done'));
        $relay->send(new Frame('{"stop":true}', [], Frame::CONTROL));
        self::assertNull($relay->receive());
        self::assertSame(0, proc_close($process));
    }
}
