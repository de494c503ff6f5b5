<?php

declare(strict_types=1);

namespace RrEmbed\Bridge\Psr6;

use Psr\Cache\CacheItemInterface;
use Psr\Cache\CacheItemPoolInterface;
use Psr\Log\LoggerInterface;
use RrEmbed\Bridge\CacheKey;
use RrEmbed\Bridge\Serializer;
use RrEmbed\Exception\RrEmbedException;
use RrEmbed\Kv;

/**
 * A storage as a PSR-6 pool.
 *
 *     $pool = new RrEmbed\Bridge\Psr6\Pool(new RrEmbed\Kv('cache'));
 *
 * What goes wrong with the server does not reach the application, as PSR-6 wants it: a read is a miss, a write returns false, and the
 * reason goes to the logger. Values are those of {@see \RrEmbed\Bridge\Psr16\Cache} and of spiral/roadrunner-kv.
 */
final class Pool implements CacheItemPoolInterface
{
    /** @var array<array-key, Item> by key */
    private array $deferred = [];

    /**
     * @param LoggerInterface|null $logger null is PHP's error log
     */
    public function __construct(private readonly Kv $kv, private readonly ?LoggerInterface $logger = null)
    {
    }

    public function __destruct()
    {
        $this->commit();
    }

    public function getItem(string $key): Item
    {
        return $this->getItems([$key])[$key];
    }

    /**
     * @param array<array-key, mixed> $keys
     *
     * @return array<array-key, Item> by key
     */
    public function getItems(array $keys = []): array
    {
        $items = [];
        $missing = [];
        foreach ($keys as $key) {
            $key = self::key($key);
            if (isset($this->deferred[$key])) {
                $items[$key] = $this->deferred[$key]->deferred();
            } else {
                $items[$key] = null;
                $missing[] = $key;
            }
        }
        $found = $this->attempt(fn (): array => $this->kv->getMany($missing)) ?? [];
        foreach ($missing as $key) {
            $value = isset($found[$key]) ? Serializer::decode($found[$key]) : null;
            $items[$key] = new Item($key, $value[0] ?? null, null !== $value);
        }

        /** @var array<array-key, Item> $items */
        return $items;
    }

    public function hasItem(string $key): bool
    {
        return $this->getItem($key)->isHit();
    }

    public function clear(): bool
    {
        $this->deferred = [];

        return $this->done($this->kv->clear(...));
    }

    public function deleteItem(string $key): bool
    {
        return $this->deleteItems([$key]);
    }

    /**
     * @param array<array-key, mixed> $keys
     */
    public function deleteItems(array $keys): bool
    {
        $list = [];
        foreach ($keys as $key) {
            $list[] = $key = self::key($key);
            unset($this->deferred[$key]);
        }

        return $this->done(fn () => $this->kv->delete(...$list));
    }

    /**
     * @throws InvalidArgumentException when the item is of another pool's kind
     */
    public function save(CacheItemInterface $item): bool
    {
        $item = $this->ours($item);
        unset($this->deferred[$item->getKey()]);
        $ttl = $item->ttl();
        if (null !== $ttl && $ttl <= 0) {
            return $this->deleteItem($item->getKey());
        }
        try {
            $bytes = Serializer::encode($item->value());
        } catch (\Throwable $error) {
            // A closure, for example.
            $this->report($error);

            return false;
        }

        return $this->done(fn () => $this->kv->set($item->getKey(), $bytes, $ttl));
    }

    /**
     * @throws InvalidArgumentException when the item is of another pool's kind
     */
    public function saveDeferred(CacheItemInterface $item): bool
    {
        $item = $this->ours($item);
        $this->deferred[$item->getKey()] = $item->deferred();

        return true;
    }

    public function commit(): bool
    {
        $all = true;
        foreach ($this->deferred as $item) {
            $all = $this->save($item) && $all;
        }

        return $all;
    }

    private function ours(CacheItemInterface $item): Item
    {
        return $item instanceof Item ? $item : throw new InvalidArgumentException('this pool saves items of its own only, '.$item::class.' given');
    }

    /**
     * @throws InvalidArgumentException when it is none that PSR-6 allows
     */
    private static function key(mixed $key): string
    {
        $problem = CacheKey::problem($key);

        return \is_string($key) && null === $problem ? $key : throw new InvalidArgumentException((string) $problem);
    }

    /**
     * @param callable(): mixed $operation
     */
    private function done(callable $operation): bool
    {
        return true === $this->attempt(static function () use ($operation): bool {
            $operation();

            return true;
        });
    }

    /**
     * @template T
     *
     * @param callable(): T $operation
     *
     * @return T|null null when it failed
     */
    private function attempt(callable $operation): mixed
    {
        try {
            return $operation();
        } catch (RrEmbedException $error) {
            $this->report($error);

            return null;
        }
    }

    private function report(\Throwable $error): void
    {
        if (null === $this->logger) {
            error_log('rr-embed: '.$error->getMessage());
        } else {
            $this->logger->warning('the cache failed: {exception}', ['exception' => $error]);
        }
    }
}
