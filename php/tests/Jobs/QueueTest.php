<?php

declare(strict_types=1);

namespace RrEmbed\Tests\Jobs;

use PHPUnit\Framework\Attributes\TestWith;
use PHPUnit\Framework\TestCase;
use RrEmbed\Exception\ServiceException;
use RrEmbed\Internal\JobMessage;
use RrEmbed\Internal\Protobuf;
use RrEmbed\Jobs\Options;
use RrEmbed\Jobs\Queue;
use RrEmbed\Jobs\Stats;
use RrEmbed\Rpc;
use RrEmbed\Tests\Sdk\Server;

/**
 * The messages for the jobs plugin, which this server has not yet.
 */
final class QueueTest extends TestCase
{
    // As protoc encodes the same.
    public function testAJobIsTheMessageOfTheSheet(): void
    {
        $options = new Options(priority: 3, delay: 1.5, autoAck: true, headers: ['h' => ['1', '2'], 'none' => [], 's' => 'x'], driver: ['topic' => 't', 'metadata' => 'm', 'offset' => -1, 'partition' => 2]);
        self::assertSame(
            '0a016a120269641a027000'
            .'220b0a016812060a01310a0132'
            .'22080a017312030a0178'
            .'2a1c0803120170180230013a017442016d48ffffffffffffffffff015002',
            bin2hex(JobMessage::encode('p', 'id', 'j', "p\0", $options)),
        );
    }

    public function testAJobOfDefaultsNamesItsPipelineAlone(): void
    {
        self::assertSame('0a016a1201692a03120170', bin2hex(JobMessage::encode('p', 'i', 'j', '', new Options())));
    }

    public function testIdsAreUuidsOfVersion4(): void
    {
        $ids = array_map(JobMessage::newId(...), range(1, 100));
        self::assertCount(100, array_unique($ids));
        foreach ($ids as $id) {
            self::assertMatchesRegularExpression('/^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/', $id);
        }
    }

    #[TestWith([0.0, 0])]
    #[TestWith([0.001, 1])]
    #[TestWith([1.0, 1])]
    #[TestWith([1.5, 2])]
    #[TestWith([\INF, 1 << 60])]
    public function testDelaysAreRoundedUp(float $delay, int $seconds): void
    {
        self::assertSame($seconds, JobMessage::seconds($delay));
    }

    public function testOptionsThatCannotBeMeantAreRefused(): void
    {
        foreach ([static fn () => new Options(delay: -1), static fn () => new Options(id: ''), static fn () => new Options(driver: ['exchange' => 'x']), static fn () => new Options(driver: ['offset' => '1'])] as $make) {
            try {
                $make();
                self::fail('it went through');
            } catch (\ValueError $error) {
                self::assertStringStartsWith('RrEmbed\Jobs\Options::__construct(): Argument #', $error->getMessage());
            }
        }
    }

    public function testWhatTheServerSaysReachesTheCaller(): void
    {
        $server = new Server();
        $queue = new Queue('mail', rpc: new Rpc($server->rpc));
        self::assertSame([], $queue->pushMany([]));
        foreach ([static fn () => $queue->push('a', 'b'), static fn () => $queue->pushMany([['a', 'b']]), $queue->pause(...), $queue->resume(...), $queue->stats(...)] as $call) {
            try {
                $call();
                self::fail('there is a plugin jobs now: test it');
            } catch (ServiceException $error) {
                self::assertStringContainsString("can't find service jobs.", $error->serverMessage);
            }
        }
    }

    public function testStatsAreThoseOfThePipeline(): void
    {
        $stat = static fn (string $name): string => Protobuf::message(1, Protobuf::text(1, $name).Protobuf::text(2, 'memory').Protobuf::text(3, 'q')
            .Protobuf::integer(4, 1).Protobuf::integer(5, 2).Protobuf::integer(6, 3).Protobuf::integer(7, 1).Protobuf::integer(8, 13));
        self::assertEquals(new Stats('mail', 'memory', 'q', 1, 2, 3, 13, true), JobMessage::statsOf($stat('other').$stat('mail'), 'mail'));
        self::assertNull(JobMessage::statsOf($stat('other'), 'mail'));
    }
}
