<?php

declare(strict_types=1);

namespace RrEmbed;

use RrEmbed\Exception\NotInServerException;
use RrEmbed\Exception\ServiceException;
use RrEmbed\Exception\TimeoutException;
use RrEmbed\Exception\TransportException;
use RrEmbed\Exception\UnsupportedException;
use RrEmbed\Internal\Caller;
use RrEmbed\Internal\KvMessage;
use RrEmbed\Internal\LockedKv;
use RrEmbed\Internal\NotCopyable;
use RrEmbed\Internal\Protobuf;

/**
 * A storage of keys and values that all workers share. Values are bytes: nothing serialises them.
 *
 *     $kv = new RrEmbed\Kv('cache');
 *     $kv->set('answer', '42', ttl: 60);
 *     $visits = $kv->increment('visits');
 *
 * Every method throws {@see NotInServerException} when the environment names no server, {@see ServiceException} with the server's
 * text (`no such storage`), {@see TransportException} when the server cannot be reached and {@see TimeoutException} when it does
 * not answer in time. Times to live are seconds above 0; null is without end.
 */
final class Kv
{
    use NotCopyable;

    private readonly Caller $server;

    /** False once the server has said that it is no rr-embed. */
    private bool $hasSteps = true;

    /**
     * @param string   $storage its name in the section `kv`, in lower case
     * @param Rpc|null $rpc     null is the server this script belongs to, looked for with the first call
     */
    public function __construct(private readonly string $storage, ?Rpc $rpc = null)
    {
        $this->server = new Caller($rpc, self::class);
    }

    /**
     * @return string|null null when there is no such key
     */
    public function get(string $key): ?string
    {
        return $this->call('kv.MGet', KvMessage::item($key))[0]['value'] ?? null;
    }

    /**
     * @param array<array-key> $keys
     *
     * @return array<array-key, string> values by key; keys that do not exist are absent
     */
    public function getMany(array $keys): array
    {
        return [] === $keys ? [] : array_column($this->call('kv.MGet', KvMessage::keys($keys)), 'value', 'key');
    }

    /**
     * @throws \ValueError when the time to live is not above 0
     */
    public function set(string $key, string $value, ?float $ttl = null): void
    {
        $this->call('kv.Set', KvMessage::item($key, $value, KvMessage::timeout($ttl, 'RrEmbed\Kv::set(): Argument #3 ($ttl)')));
    }

    /**
     * Not one step: another caller may see a part of it.
     *
     * @param array<array-key, string> $values by key
     *
     * @throws \ValueError when the time to live is not above 0
     */
    public function setMany(array $values, ?float $ttl = null): void
    {
        $timeout = KvMessage::timeout($ttl, 'RrEmbed\Kv::setMany(): Argument #2 ($ttl)');
        $items = '';
        foreach ($values as $key => $value) {
            $items .= KvMessage::item((string) $key, $value, $timeout);
        }
        if ('' !== $items) {
            $this->call('kv.Set', $items);
        }
    }

    /**
     * Sets a key that does not exist, in one step.
     *
     * @return bool false when it exists; nothing was changed
     *
     * @throws UnsupportedException when the server has neither this method nor locks
     * @throws \ValueError          when the time to live is not above 0
     */
    public function add(string $key, string $value, ?float $ttl = null): bool
    {
        $item = KvMessage::item($key, $value, KvMessage::timeout($ttl, 'RrEmbed\Kv::add(): Argument #3 ($ttl)'));
        $items = $this->extended('kv.Add', $item);

        return null === $items ? $this->locked()->add($key, $value, $ttl) : [] !== $items;
    }

    /**
     * Adds to a number, in one step. A key that does not exist counts as 0.
     *
     * @param int        $by       may be negative
     * @param float|null $ttlIfNew of a key that did not exist; another keeps what it has
     *
     * @return int the sum
     *
     * @throws UnsupportedException when the server has neither this method nor locks
     * @throws \ValueError          when the time to live is not above 0
     */
    public function increment(string $key, int $by = 1, ?float $ttlIfNew = null): int
    {
        $item = KvMessage::item($key, (string) $by, KvMessage::timeout($ttlIfNew, 'RrEmbed\Kv::increment(): Argument #3 ($ttlIfNew)'));
        $items = $this->extended('kv.Increment', $item);

        return null === $items ? $this->locked()->increment($key, $by, $ttlIfNew) : (int) ($items[0]['value'] ?? 0);
    }

    /**
     * Sets a key that has the value it is thought to have, in one step.
     *
     * @param string|null $expected null: the key must not exist
     *
     * @return bool false when it has another; nothing was changed
     *
     * @throws UnsupportedException when the server has neither this method nor locks
     * @throws \ValueError          when the time to live is not above 0
     */
    public function compareAndSet(string $key, ?string $expected, string $new, ?float $ttl = null): bool
    {
        $items = KvMessage::item($key, $new, KvMessage::timeout($ttl, 'RrEmbed\Kv::compareAndSet(): Argument #4 ($ttl)'));
        if (null !== $expected) {
            $items .= KvMessage::item($key, $expected);
        }
        $done = $this->extended('kv.CompareAndSet', $items);

        return null === $done ? $this->locked()->compareAndSet($key, $expected, $new, $ttl) : [] !== $done;
    }

    public function has(string $key): bool
    {
        return [] !== $this->call('kv.Has', KvMessage::item($key));
    }

    /**
     * @param array<array-key> $keys
     *
     * @return array<array-key, bool> for each of the keys, whether it exists
     */
    public function hasMany(array $keys): array
    {
        if ([] === $keys) {
            return [];
        }
        $found = array_fill_keys($keys, false);
        foreach ($this->call('kv.Has', KvMessage::keys($keys)) as $item) {
            $found[$item['key']] = true;
        }

        return $found;
    }

    /**
     * Keys that do not exist are fine.
     */
    public function delete(string ...$keys): void
    {
        if ([] !== $keys) {
            $this->call('kv.Delete', KvMessage::keys($keys));
        }
    }

    /**
     * Gives existing keys another time to live, from now on.
     *
     * @throws \ValueError when it is not above 0
     */
    public function touch(float $ttl, string ...$keys): void
    {
        $timeout = KvMessage::timeout($ttl, 'RrEmbed\Kv::touch(): Argument #1 ($ttl)');
        $items = '';
        foreach ($keys as $key) {
            $items .= KvMessage::item($key, '', $timeout);
        }
        if ('' !== $items) {
            $this->call('kv.MExpire', $items);
        }
    }

    /**
     * @return float|null seconds left, in whole ones as the server tells; null for a key without end, and for one that does not exist
     */
    public function ttl(string $key): ?float
    {
        return KvMessage::secondsUntil($this->call('kv.TTL', KvMessage::item($key))[0]['timeout'] ?? '');
    }

    /**
     * Deletes all keys.
     */
    public function clear(): void
    {
        $this->call('kv.Clear', '');
    }

    /**
     * @return list<array{key: string, value: string, timeout: string}>
     */
    private function call(string $method, string $items): array
    {
        return KvMessage::decode($this->server->protobuf($method, Protobuf::text(1, $this->storage).$items));
    }

    /**
     * Calls a method that RoadRunner has not.
     *
     * @return list<array{key: string, value: string, timeout: string}>|null null when this server has it not either
     */
    private function extended(string $method, string $items): ?array
    {
        if (!$this->hasSteps) {
            return null;
        }
        try {
            return $this->call($method, $items);
        } catch (ServiceException $error) {
            if (!str_contains($error->serverMessage, "can't find method")) {
                throw $error;
            }
            $this->hasSteps = false;

            return null;
        }
    }

    private function locked(): LockedKv
    {
        return new LockedKv($this, $this->storage, $this->server->rpc());
    }
}
