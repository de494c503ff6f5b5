<?php

declare(strict_types=1);

namespace RrEmbed\Tests\Bridge;

use PHPUnit\Framework\Attributes\DataProviderExternal;
use PHPUnit\Framework\Attributes\TestWith;
use Psr\Cache\CacheItemInterface;
use Psr\Cache\InvalidArgumentException;
use RrEmbed\Bridge\Psr16\Cache;
use RrEmbed\Bridge\Psr3\Logger;
use RrEmbed\Bridge\Psr6\Pool;
use RrEmbed\Kv;
use RrEmbed\Logger as NativeLogger;
use RrEmbed\Rpc;
use RrEmbed\Tests\Sdk\ServerTestCase;

/**
 * What PSR-6 promises, in the cases that implementations are usually tested with.
 */
abstract class Psr6TestCase extends ServerTestCase
{
    private Pool $pool;

    protected function setUp(): void
    {
        $this->pool = new Pool(static::kv());
        $this->pool->clear();
    }

    #[DataProviderExternal(Psr16TestCase::class, 'values')]
    public function testValuesComeBackAsTheyWere(mixed $value): void
    {
        $item = $this->pool->getItem('key');
        self::assertFalse($item->isHit());
        self::assertNull($item->get());
        self::assertTrue($this->pool->save($item->set($value)));
        $found = $this->pool->getItem('key');
        self::assertTrue($found->isHit());
        self::assertSame('key', $found->getKey());
        self::assertEquals($value, $found->get());
        self::assertSame(get_debug_type($value), get_debug_type($found->get()));
        self::assertTrue($this->pool->hasItem('key'));
        self::assertEquals([$value], [(new Cache(static::kv()))->get('key')]);
    }

    public function testItemsOfManyKeysAreAllThere(): void
    {
        $this->pool->save($this->pool->getItem('a')->set(1));
        $this->pool->save($this->pool->getItem('7')->set(2));
        $items = $this->pool->getItems(['a', '7', 'none']);
        self::assertSame(['a', 7, 'none'], array_keys($items));
        self::assertSame([true, true, false], array_map(static fn (CacheItemInterface $item): bool => $item->isHit(), array_values($items)));
        self::assertSame(['a', '7', 'none'], array_map(static fn (CacheItemInterface $item): string => $item->getKey(), array_values($items)));
        self::assertSame([], $this->pool->getItems());
    }

    public function testDeleteAndClear(): void
    {
        foreach (['a', 'b', 'c', 'd'] as $key) {
            $this->pool->save($this->pool->getItem($key)->set(1));
        }
        self::assertTrue($this->pool->deleteItem('a'));
        self::assertTrue($this->pool->deleteItem('a'));
        self::assertTrue($this->pool->deleteItems(['b', 'c', 'none']));
        self::assertTrue($this->pool->deleteItems([]));
        self::assertSame([false, false, false, true], array_map($this->pool->hasItem(...), ['a', 'b', 'c', 'd']));
        $this->pool->saveDeferred($this->pool->getItem('e')->set(1));
        self::assertTrue($this->pool->clear());
        self::assertSame([false, false], array_map($this->pool->hasItem(...), ['d', 'e']));
    }

    public function testASavePutOffIsSeenHereAndNotInTheStorage(): void
    {
        $item = $this->pool->getItem('key')->set('value');
        self::assertTrue($this->pool->saveDeferred($item));
        $item->set('changed afterwards');
        self::assertTrue($this->pool->hasItem('key'));
        self::assertSame('value', $this->pool->getItem('key')->get());
        self::assertFalse((new Pool(static::kv()))->hasItem('key'));
        self::assertTrue($this->pool->commit());
        self::assertSame('value', (new Pool(static::kv()))->getItem('key')->get());
    }

    public function testASavePutOffOfWhatHasEndedIsAMiss(): void
    {
        $this->pool->save($this->pool->getItem('key')->set('old'));
        $this->pool->saveDeferred($this->pool->getItem('key')->set('new')->expiresAt(new \DateTimeImmutable('-1 second')));
        self::assertFalse($this->pool->getItem('key')->isHit());
        $this->pool->commit();
        self::assertFalse((new Pool(static::kv()))->hasItem('key'));
    }

    public function testDeletingForgetsASavePutOff(): void
    {
        $this->pool->saveDeferred($this->pool->getItem('key')->set('value'));
        $this->pool->deleteItem('key');
        $this->pool->commit();
        self::assertFalse($this->pool->hasItem('key'));
    }

    public function testWhatWasPutOffIsSavedAtTheEnd(): void
    {
        $pool = new Pool(static::kv());
        $pool->saveDeferred($pool->getItem('key')->set('value'));
        unset($pool);
        self::assertTrue($this->pool->hasItem('key'));
    }

    public function testTimesToLive(): void
    {
        $kv = static::kv();
        $this->pool->save($this->pool->getItem('a')->set(1)->expiresAfter(100));
        $this->pool->save($this->pool->getItem('b')->set(1)->expiresAfter(new \DateInterval('PT1M40S')));
        $this->pool->save($this->pool->getItem('c')->set(1)->expiresAt(new \DateTime('+100 seconds')));
        $this->pool->save($this->pool->getItem('d')->set(1)->expiresAfter(100)->expiresAfter(null));
        $this->pool->save($this->pool->getItem('e')->set(1)->expiresAfter(100)->expiresAt(null));
        self::assertSame([true, true, true, true, true], array_map($this->pool->hasItem(...), ['a', 'b', 'c', 'd', 'e']));
        if ('memcached' !== static::DRIVER) {
            foreach (['a', 'b', 'c'] as $key) {
                self::assertEqualsWithDelta(95, $kv->ttl($key), 6, $key);
            }
            self::assertNull($kv->ttl('d'));
            self::assertNull($kv->ttl('e'));
        }
    }

    #[TestWith([0])]
    #[TestWith([-5])]
    public function testSavingWhatHasEndedDeletes(int $seconds): void
    {
        $this->pool->save($this->pool->getItem('key')->set('old'));
        self::assertTrue($this->pool->save($this->pool->getItem('key')->set('new')->expiresAfter($seconds)));
        self::assertFalse($this->pool->hasItem('key'));
    }

    #[TestWith([''])]
    #[TestWith(['a:b'])]
    #[TestWith(['{a}'])]
    #[TestWith(['a/b'])]
    public function testKeysThatThePsrReservesAreRefused(string $key): void
    {
        foreach ([fn () => $this->pool->getItem($key), fn () => $this->pool->getItems(['a', $key]), fn () => $this->pool->hasItem($key), fn () => $this->pool->deleteItem($key), fn () => $this->pool->deleteItems([$key])] as $call) {
            try {
                $call();
                self::fail("\"{$key}\" went through");
            } catch (InvalidArgumentException $error) {
                self::assertStringContainsString('must not be empty nor have any of', $error->getMessage());
            }
        }
    }

    public function testAnItemOfAnotherPoolIsRefused(): void
    {
        $this->expectException(InvalidArgumentException::class);
        $this->pool->save($this->createStub(CacheItemInterface::class));
    }

    public function testAValueWithoutAFormIsNotSaved(): void
    {
        $log = $this->log(fn () => self::assertFalse($this->pool->save($this->pool->getItem('key')->set(static fn () => 1))));
        self::assertStringContainsString("Serialization of 'Closure' is not allowed", $log);
        self::assertFalse($this->pool->hasItem('key'));
    }

    public function testAServerThatIsGoneIsAMissAndNoException(): void
    {
        $pool = new Pool(new Kv('mem', new Rpc('unix:///nowhere/rpc.sock')));
        $log = $this->log(static function () use ($pool): void {
            $item = $pool->getItem('key');
            self::assertFalse($item->isHit());
            self::assertFalse($pool->save($item->set(1)));
            self::assertFalse($pool->deleteItem('key'));
            self::assertFalse($pool->clear());
            $pool->saveDeferred($item);
            self::assertFalse($pool->commit());
        });
        self::assertSame(5, substr_count($log, 'rr-embed: kv.'));
    }

    public function testFailuresReachTheLogger(): void
    {
        $pool = new Pool(static::kv('ghost'), new Logger(new NativeLogger('app', new Rpc(self::server()->rpc))));
        self::assertFalse($pool->hasItem('key'));
        self::server()->waitForLog('the cache failed: RrEmbed\Exception\ServiceException: kv.MGet: rpc_mget: no such storage: ghost');
    }

    /**
     * What PHP's error log gets meanwhile.
     */
    private function log(callable $action): string
    {
        $file = (string) tempnam(sys_get_temp_dir(), 'log');
        $before = (string) ini_set('error_log', $file);
        $action();
        ini_set('error_log', $before);
        $log = (string) file_get_contents($file);
        unlink($file);

        return $log;
    }
}
