<?php

declare(strict_types=1);

namespace RrEmbed\Bridge\Psr16;

use Psr\SimpleCache\CacheInterface;
use RrEmbed\Bridge\CacheKey;
use RrEmbed\Bridge\Serializer;
use RrEmbed\Exception\RrEmbedException;
use RrEmbed\Kv;

/**
 * A storage as a PSR-16 cache.
 *
 *     $cache = new RrEmbed\Bridge\Psr16\Cache(new RrEmbed\Kv('cache'));
 *
 * Values are those of spiral/roadrunner-kv with its default serializer. A value that cannot be had back, because its class is gone or
 * it was written by something else, is a miss. What goes wrong with the server is a {@see CacheException}.
 */
final class Cache implements CacheInterface
{
    public function __construct(private readonly Kv $kv)
    {
    }

    public function get(string $key, mixed $default = null): mixed
    {
        $bytes = $this->attempt(fn (): ?string => $this->kv->get(self::key($key)));
        $value = null === $bytes ? null : Serializer::decode($bytes);

        return null === $value ? $default : $value[0];
    }

    public function set(string $key, mixed $value, \DateInterval|int|null $ttl = null): bool
    {
        return $this->setMultiple([$key => $value], $ttl);
    }

    public function delete(string $key): bool
    {
        return $this->deleteMultiple([$key]);
    }

    public function clear(): bool
    {
        $this->attempt($this->kv->clear(...));

        return true;
    }

    /**
     * @param iterable<mixed> $keys
     *
     * @return array<string, mixed>
     */
    public function getMultiple(iterable $keys, mixed $default = null): iterable
    {
        $keys = $this->keys($keys);
        $found = $this->attempt(fn (): array => $this->kv->getMany($keys));
        $values = [];
        foreach ($keys as $key) {
            $value = isset($found[$key]) ? Serializer::decode($found[$key]) : null;
            $values[$key] = null === $value ? $default : $value[0];
        }

        return $values;
    }

    /**
     * @param iterable<mixed, mixed> $values
     */
    public function setMultiple(iterable $values, \DateInterval|int|null $ttl = null): bool
    {
        $bytes = [];
        foreach ($values as $key => $value) {
            $bytes[self::key(\is_int($key) ? (string) $key : $key)] = Serializer::encode($value);
        }
        $seconds = self::seconds($ttl);
        if (null !== $seconds && $seconds <= 0) {
            return $this->deleteMultiple(array_keys($bytes));
        }
        $this->attempt(fn () => $this->kv->setMany($bytes, $seconds));

        return true;
    }

    /**
     * @param iterable<mixed> $keys
     */
    public function deleteMultiple(iterable $keys): bool
    {
        $keys = $this->keys($keys);
        $this->attempt(fn () => $this->kv->delete(...$keys));

        return true;
    }

    public function has(string $key): bool
    {
        return $this->attempt(fn (): bool => $this->kv->has(self::key($key)));
    }

    /**
     * @param iterable<mixed> $keys
     *
     * @return list<string>
     */
    private function keys(iterable $keys): array
    {
        $list = [];
        foreach ($keys as $key) {
            // What was a key of an array may be a number now.
            $list[] = self::key(\is_int($key) ? (string) $key : $key);
        }

        return $list;
    }

    /**
     * @throws InvalidArgumentException when it is none that PSR-16 allows
     */
    private static function key(mixed $key): string
    {
        $problem = CacheKey::problem($key);

        return \is_string($key) && null === $problem ? $key : throw new InvalidArgumentException((string) $problem);
    }

    private static function seconds(\DateInterval|int|null $ttl): ?float
    {
        if ($ttl instanceof \DateInterval) {
            $now = new \DateTimeImmutable();

            return (float) $now->add($ttl)->format('U.u') - (float) $now->format('U.u');
        }

        return $ttl;
    }

    /**
     * @template T
     *
     * @param callable(): T $operation
     *
     * @return T
     *
     * @throws CacheException when the server refuses or cannot be reached
     */
    private function attempt(callable $operation): mixed
    {
        try {
            return $operation();
        } catch (RrEmbedException $error) {
            throw new CacheException($error->getMessage(), 0, $error);
        }
    }
}
