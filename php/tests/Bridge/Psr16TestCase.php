<?php

declare(strict_types=1);

namespace RrEmbed\Tests\Bridge;

use PHPUnit\Framework\Attributes\DataProvider;
use PHPUnit\Framework\Attributes\TestWith;
use Psr\SimpleCache\CacheException;
use Psr\SimpleCache\InvalidArgumentException;
use RrEmbed\Bridge\Psr16\Cache;
use RrEmbed\Exception\ServiceException;
use RrEmbed\Exception\TransportException;
use RrEmbed\Kv;
use RrEmbed\Rpc;
use RrEmbed\Tests\Sdk\ServerTestCase;

/**
 * What PSR-16 promises, in the cases that implementations are usually tested with.
 */
abstract class Psr16TestCase extends ServerTestCase
{
    private Cache $cache;

    protected function setUp(): void
    {
        $this->cache = new Cache(static::kv());
        $this->cache->clear();
    }

    /**
     * @return iterable<string, array{mixed}>
     */
    public static function values(): iterable
    {
        yield 'null' => [null];
        yield 'true' => [true];
        yield 'false' => [false];
        yield 'integer' => [4711];
        yield 'float' => [1.23456789];
        yield 'text' => ["\0 ü"];
        yield 'empty text' => [''];
        yield 'list' => [[1, 'b', [null]]];
        yield 'map' => [['a' => 'b', 5 => 'c']];
        yield 'object' => [new \DateTimeImmutable('2026-11-30T01:02:03.5Z')];
        yield 'bytes' => [implode('', array_map(chr(...), range(0, 255)))];
        yield 'large' => [str_repeat('x', 1 << 19)];
    }

    #[DataProvider('values')]
    public function testValuesComeBackAsTheyWere(mixed $value): void
    {
        self::assertTrue($this->cache->set('key', $value));
        self::assertEquals($value, $this->cache->get('key', 'default'));
        self::assertSame(get_debug_type($value), get_debug_type($this->cache->get('key', 'default')));
        self::assertTrue($this->cache->has('key'));
        self::assertEquals(['key' => $value], $this->toArray($this->cache->getMultiple(['key'], 'default')));
    }

    public function testWhatIsNotThereIsTheDefault(): void
    {
        self::assertNull($this->cache->get('key'));
        self::assertSame('default', $this->cache->get('key', 'default'));
        self::assertFalse($this->cache->has('key'));
    }

    public function testObjectsAreCopies(): void
    {
        $object = new \stdClass();
        $object->a = 1;
        $this->cache->set('key', $object);
        $object->a = 2;
        self::assertEquals((object) ['a' => 1], $this->cache->get('key'));
    }

    public function testManyKeepTheOrderOfTheKeys(): void
    {
        self::assertTrue($this->cache->setMultiple(['a' => 1, '7' => 2]));
        self::assertSame(['7' => 2, 'none' => 'x', 'a' => 1], $this->toArray($this->cache->getMultiple(new \ArrayIterator(['7', 'none', 'a']), 'x')));
        self::assertSame([], $this->toArray($this->cache->getMultiple([])));
        self::assertTrue($this->cache->setMultiple([]));
        self::assertTrue($this->cache->deleteMultiple([]));
    }

    public function testManyMayComeFromAGenerator(): void
    {
        $values = static function (): iterable {
            yield 'a' => 1;
            yield 'b' => 2;
        };
        $this->cache->setMultiple($values());
        self::assertTrue($this->cache->deleteMultiple((static fn () => yield from ['a', 'none'])()));
        self::assertSame(['a' => null, 'b' => 2], $this->toArray($this->cache->getMultiple(['a', 'b'])));
    }

    public function testDeleteAndClear(): void
    {
        $this->cache->setMultiple(['a' => 1, 'b' => 2, 'c' => 3]);
        self::assertTrue($this->cache->delete('a'));
        self::assertTrue($this->cache->delete('a'));
        self::assertFalse($this->cache->has('a'));
        self::assertTrue($this->cache->clear());
        self::assertFalse($this->cache->has('b'));
    }

    #[TestWith([0])]
    #[TestWith([-1])]
    public function testATimeThatIsOverDeletes(int $ttl): void
    {
        $this->cache->set('key', 'old');
        self::assertTrue($this->cache->set('key', 'new', $ttl));
        self::assertFalse($this->cache->has('key'));
        $this->cache->set('key', 'old');
        self::assertTrue($this->cache->setMultiple(['key' => 'new', '5' => 'x'], $ttl));
        self::assertSame(['key' => null, 5 => null], $this->toArray($this->cache->getMultiple(['key', '5'])));
    }

    public function testTimesToLive(): void
    {
        $kv = static::kv();
        $this->cache->set('a', 1, 100);
        $this->cache->set('b', 1, new \DateInterval('PT1M40S'));
        $this->cache->set('c', 1);
        self::assertSame([1, 1, 1], array_values($this->toArray($this->cache->getMultiple(['a', 'b', 'c']))));
        if ('memcached' !== static::DRIVER) {
            self::assertEqualsWithDelta(95, $kv->ttl('a'), 6);
            self::assertEqualsWithDelta(95, $kv->ttl('b'), 6);
            self::assertNull($kv->ttl('c'));
        }
        $past = new \DateInterval('PT1S');
        $past->invert = 1;
        $this->cache->set('a', 2, $past);
        self::assertNull($this->cache->get('a'));
    }

    #[TestWith([''])]
    #[TestWith(['{a'])]
    #[TestWith(['a}'])]
    #[TestWith(['a(b'])]
    #[TestWith([')'])]
    #[TestWith(['a/b'])]
    #[TestWith(['a\b'])]
    #[TestWith(['a@b'])]
    #[TestWith(['a:b'])]
    public function testKeysThatThePsrReservesAreRefused(string $key): void
    {
        foreach ([
            fn () => $this->cache->get($key), fn () => $this->cache->set($key, 1), fn () => $this->cache->delete($key), fn () => $this->cache->has($key),
            fn () => $this->toArray($this->cache->getMultiple(['fine', $key])), fn () => $this->cache->setMultiple(['fine' => 1, $key => 2]), fn () => $this->cache->deleteMultiple([$key]),
        ] as $call) {
            try {
                $call();
                self::fail("\"{$key}\" went through");
            } catch (InvalidArgumentException) {
                self::assertFalse($this->cache->has('fine'));
            }
        }
    }

    public function testKeysThatAreNoTextAreRefused(): void
    {
        $this->expectException(InvalidArgumentException::class);
        $this->expectExceptionMessage('a cache key must be a string, bool given');
        $this->cache->deleteMultiple([true]);
    }

    #[TestWith(['a'])]
    #[TestWith(['AbC09_.'])]
    #[TestWith(['with blank'])]
    #[TestWith(['ключ'])]
    public function testAllOtherKeysAreFine(string $key): void
    {
        if ('memcached' === static::DRIVER && (\strlen($key) > 250 || str_contains($key, ' '))) {
            $this->expectException(CacheException::class);
        }
        $this->cache->set($key, 'x');
        self::assertSame('x', $this->cache->get($key));
    }

    public function testALongKeyIsFine(): void
    {
        $this->testAllOtherKeysAreFine(str_repeat('k', 1000));
    }

    #[TestWith(['no value of PHP'])]
    #[TestWith(['O:13:"NoSuchClass99":0:{'])]
    #[TestWith([''])]
    public function testWhatCannotBeHadBackIsAMiss(string $bytes): void
    {
        static::kv()->set('key', $bytes);
        self::assertSame('default', $this->cache->get('key', 'default'));
        self::assertSame(['key' => 'default'], $this->toArray($this->cache->getMultiple(['key'], 'default')));
    }

    public function testWhatTheServerRefusesIsACacheException(): void
    {
        $cache = new Cache(static::kv('ghost'));
        try {
            $cache->get('a');
            self::fail('it went through');
        } catch (CacheException $error) {
            self::assertSame('kv.MGet: rpc_mget: no such storage: ghost', $error->getMessage());
            self::assertInstanceOf(ServiceException::class, $error->getPrevious());
        }
    }

    public function testAServerThatIsGoneIsACacheException(): void
    {
        $cache = new Cache(new Kv('mem', new Rpc('unix:///nowhere/rpc.sock')));
        try {
            $cache->set('a', 1);
            self::fail('it went through');
        } catch (CacheException $error) {
            self::assertInstanceOf(TransportException::class, $error->getPrevious());
        }
    }

    /**
     * @param iterable<array-key, mixed> $values
     *
     * @return array<array-key, mixed>
     */
    private function toArray(iterable $values): array
    {
        return iterator_to_array($values);
    }
}
