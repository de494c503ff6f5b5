<?php

declare(strict_types=1);

namespace RrEmbed\Tests\Bridge;

use RrEmbed\Bridge\SymfonyLock\Store;
use RrEmbed\Lock;
use RrEmbed\Rpc;
use RrEmbed\Tests\Sdk\Server;
use Symfony\Component\Lock\Exception\InvalidTtlException;
use Symfony\Component\Lock\Exception\LockAcquiringException;
use Symfony\Component\Lock\Exception\LockConflictedException;
use Symfony\Component\Lock\Exception\LockExpiredException;
use Symfony\Component\Lock\Key;
use Symfony\Component\Lock\LockFactory;
use Symfony\Component\Lock\Test\AbstractStoreTestCase;

/**
 * Symfony's own cases for a store, and what ours has beside them.
 */
// spec:09#30
final class SymfonyLockTest extends AbstractStoreTestCase
{
    private static ?Server $server = null;

    public static function setUpBeforeClass(): void
    {
        self::$server = new Server();
    }

    public static function tearDownAfterClass(): void
    {
        self::$server = null;
    }

    public function getStore(float $ttl = 300.0): Store
    {
        self::assertNotNull(self::$server);

        return new Store(new Lock(new Rpc(self::$server->rpc)), $ttl);
    }

    public function testSharedLocksAreManyAndKeepWritersOut(): void
    {
        $store = $this->getStore();
        [$one, $two, $writer] = [new Key(__METHOD__), new Key(__METHOD__), new Key(__METHOD__)];
        $store->saveRead($one);
        $store->saveRead($two);
        $this->assertConflict(static fn () => $store->save($writer));
        $store->delete($one);
        $this->assertConflict(static fn () => $store->save($writer));
        $store->delete($two);
        $store->save($writer);
        $this->assertConflict(static fn () => $store->saveRead($one));
        self::assertSame([false, false, true], array_map($store->exists(...), [$one, $two, $writer]));
    }

    public function testASharedLockBecomesExclusiveAndSharedAgain(): void
    {
        $store = $this->getStore();
        [$key, $other] = [new Key(__METHOD__), new Key(__METHOD__)];
        $store->saveRead($key);
        $store->save($key);
        $this->assertConflict(static fn () => $store->saveRead($other));
        $store->saveRead($key);
        $store->saveRead($other);
        $this->assertConflict(static fn () => $store->save($key));
        self::assertTrue($store->exists($key));
        $store->delete($other);
        $store->save($key);
        self::assertTrue($store->exists($key));
    }

    public function testSavingAgainRenewsTheTime(): void
    {
        $store = $this->getStore(1.0);
        $key = new Key(__METHOD__);
        $store->save($key);
        $end = microtime(true) + 1.5;
        while (microtime(true) < $end) {
            usleep(50000);
            $key->resetLifetime();
            $store->save($key);
        }
        self::assertTrue($store->exists($key));
    }

    public function testALockEndsAndAnotherWaitsForThat(): void
    {
        $store = $this->getStore(1.0);
        [$key, $other] = [new Key(__METHOD__), new Key(__METHOD__)];
        $store->save($key);
        $this->getStore()->waitAndSave($other);
        self::assertSame([false, true], [$store->exists($key), $store->exists($other)]);
        $this->expectException(LockConflictedException::class);
        $key->resetLifetime();
        $store->putOffExpiration($key, 10);
    }

    public function testReadersWaitToo(): void
    {
        [$key, $other] = [new Key(__METHOD__), new Key(__METHOD__)];
        $this->getStore(1.0)->save($key);
        $this->getStore()->waitAndSaveRead($other);
        self::assertTrue($this->getStore()->exists($other));
    }

    public function testPutOff(): void
    {
        $store = $this->getStore(1.0);
        $key = new Key(__METHOD__);
        $store->save($key);
        $store->putOffExpiration($key, 60);
        usleep(1100000);
        self::assertTrue($store->exists($key));
        $this->expectException(InvalidTtlException::class);
        $store->putOffExpiration($key, 0);
    }

    public function testAKeyThatHasEndedIsRefused(): void
    {
        $store = $this->getStore();
        $key = new Key(__METHOD__);
        $key->reduceLifetime(-1);
        try {
            $store->save($key);
            self::fail('it went through');
        } catch (LockExpiredException) {
            self::assertFalse($store->exists($key));
        }
    }

    public function testAKeyOutlivesItsProcess(): void
    {
        $key = new Key(__METHOD__);
        $this->getStore()->save($key);
        $copy = unserialize(serialize($key));
        self::assertInstanceOf(Key::class, $copy);
        self::assertTrue($this->getStore()->exists($copy));
        $this->getStore()->delete($copy);
        self::assertFalse($this->getStore()->exists($key));
    }

    public function testTheFactoryBlocks(): void
    {
        $factory = new LockFactory($this->getStore());
        $first = $factory->createLock('blocks', 60);
        self::assertTrue($first->acquire());
        $second = $factory->createLock('blocks');
        self::assertFalse($second->acquire());
        $first->refresh(0.1);
        self::assertTrue($second->acquire(true));
        self::assertFalse($first->isAcquired());
        $second->release();
        self::assertTrue($factory->createLock('blocks')->acquireRead());
    }

    public function testAServerThatIsGoneIsAnErrorOfAcquiring(): void
    {
        $this->expectException(LockAcquiringException::class);
        (new Store(new Lock(new Rpc('unix:///nowhere/rpc.sock'))))->save(new Key('a'));
    }

    public function testNoTimeAtAllIsRefused(): void
    {
        $this->expectException(InvalidTtlException::class);
        new Store(null, 0);
    }

    private function assertConflict(callable $save): void
    {
        try {
            $save();
            self::fail('two owners');
        } catch (LockConflictedException) {
            $this->addToAssertionCount(1);
        }
    }
}
