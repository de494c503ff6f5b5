<?php

declare(strict_types=1);

namespace RrEmbed\Internal;

use RrEmbed\Exception\ServiceException;
use RrEmbed\Exception\TimeoutException;
use RrEmbed\Exception\UnsupportedException;
use RrEmbed\Kv;
use RrEmbed\Lock;
use RrEmbed\LockHandle;
use RrEmbed\Rpc;

/**
 * The steps of {@see Kv} that must not be interrupted, for servers without methods for them: a read and a write while a lock
 * is held. They are whole among callers that do the same, not among those that write without it.
 *
 * @internal
 */
final class LockedKv
{
    /** Seconds to wait for the lock, and seconds after which it ends whatever happens to its owner. */
    private const WAIT = 5.0;
    private const TTL = 30.0;

    public function __construct(private readonly Kv $kv, private readonly string $storage, private readonly Rpc $rpc)
    {
    }

    public function add(string $key, string $value, ?float $ttl): bool
    {
        return $this->compareAndSet($key, null, $value, $ttl);
    }

    public function compareAndSet(string $key, ?string $expected, string $new, ?float $ttl): bool
    {
        $lock = $this->lock($key);
        if ($this->kv->get($key) !== $expected) {
            return false;
        }
        $this->kv->set($key, $new, $ttl);
        $lock->release();

        return true;
    }

    public function increment(string $key, int $by, ?float $ttlIfNew): int
    {
        $lock = $this->lock($key);
        $value = $this->kv->get($key);
        // Setting a value ends its time to live.
        $ttl = null === $value ? $ttlIfNew : $this->ttl($key);
        $old = (int) ($value ?? '0');
        if ((string) $old !== ($value ?? '0')) {
            throw new ServiceException('kv.Increment', 'value is not an integer or out of range');
        }
        if ($by > 0 ? $old > \PHP_INT_MAX - $by : $old < \PHP_INT_MIN - $by) {
            throw new ServiceException('kv.Increment', 'increment or decrement would overflow');
        }
        $this->kv->set($key, (string) ($old + $by), $ttl);
        $lock->release();

        return $old + $by;
    }

    private function ttl(string $key): ?float
    {
        try {
            // One that ends right now still ends.
            $ttl = $this->kv->ttl($key);

            return null === $ttl ? null : max(0.001, $ttl);
        } catch (ServiceException $error) {
            if (str_contains($error->serverMessage, '_plugin_ttl')) {
                throw new UnsupportedException("RrEmbed\\Kv::increment() needs rr-embed: storage \"{$this->storage}\" of this server does not tell how long a key lives", 0, $error);
            }

            throw $error;
        }
    }

    private function lock(string $key): LockHandle
    {
        try {
            $lock = (new Lock($this->rpc))->acquire("rr-embed:kv:{$this->storage}:{$key}", self::TTL, self::WAIT);
        } catch (ServiceException $error) {
            if (str_contains($error->serverMessage, "can't find service lock")) {
                throw new UnsupportedException('RrEmbed\Kv::add(), increment() and compareAndSet() need rr-embed, or a RoadRunner with the lock plugin', 0, $error);
            }

            throw $error;
        }

        return $lock ?? throw new TimeoutException(\sprintf('the key "%s" of storage "%s" was locked by others for %g s', $key, $this->storage, self::WAIT));
    }
}
