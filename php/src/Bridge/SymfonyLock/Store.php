<?php

declare(strict_types=1);

namespace RrEmbed\Bridge\SymfonyLock;

use RrEmbed\Exception\RrEmbedException;
use RrEmbed\Lock;
use Symfony\Component\Lock\BlockingSharedLockStoreInterface;
use Symfony\Component\Lock\BlockingStoreInterface;
use Symfony\Component\Lock\Exception\InvalidTtlException;
use Symfony\Component\Lock\Exception\LockAcquiringException;
use Symfony\Component\Lock\Exception\LockConflictedException;
use Symfony\Component\Lock\Exception\LockExpiredException;
use Symfony\Component\Lock\Exception\LockReleasingException;
use Symfony\Component\Lock\Exception\LockStorageException;
use Symfony\Component\Lock\Key;
use Symfony\Component\Lock\Store\ExpiringStoreTrait;

/**
 * The server's locks as a store of symfony/lock: exclusive and shared ones, and waits that the server ends the moment a lock is free.
 *
 *     $factory = new Symfony\Component\Lock\LockFactory(new RrEmbed\Bridge\SymfonyLock\Store(new RrEmbed\Lock()));
 *     $factory->createLock('order 17')->acquire(blocking: true);
 *
 * Taking an exclusive lock while having the only shared one never lets go in between; the way back does, for a moment.
 */
final class Store implements BlockingStoreInterface, BlockingSharedLockStoreInterface
{
    use ExpiringStoreTrait;

    /** Seconds of one wait at the server; longer ones are several, each from the end of the queue. */
    private const ROUND = 60.0;

    private readonly Lock $locks;

    /**
     * @param float $initialTtl seconds after which a lock ends unless putOffExpiration() comes before
     *
     * @throws InvalidTtlException when it is not above 0
     */
    public function __construct(?Lock $locks = null, private readonly float $initialTtl = 300.0)
    {
        if (!($initialTtl > 0)) {
            throw new InvalidTtlException(\sprintf('"%s()" expects a TTL above 0. Got %d.', __METHOD__, $initialTtl));
        }
        $this->locks = $locks ?? new Lock();
    }

    /**
     * @throws LockConflictedException when others have it
     * @throws LockExpiredException    when it ended while it was taken
     * @throws LockAcquiringException  when the server refuses or cannot be reached
     */
    public function save(Key $key): void
    {
        $this->take($key, false, false);
    }

    /**
     * @throws LockConflictedException when others have it
     * @throws LockExpiredException    when it ended while it was taken
     * @throws LockAcquiringException  when the server refuses or cannot be reached
     */
    public function saveRead(Key $key): void
    {
        $this->take($key, true, false);
    }

    /**
     * Waits for as long as it takes.
     *
     * @throws LockExpiredException   when it ended while it was taken
     * @throws LockAcquiringException when the server refuses or cannot be reached
     */
    public function waitAndSave(Key $key): void
    {
        $this->take($key, false, true);
    }

    /**
     * Waits for as long as it takes.
     *
     * @throws LockExpiredException   when it ended while it was taken
     * @throws LockAcquiringException when the server refuses or cannot be reached
     */
    public function waitAndSaveRead(Key $key): void
    {
        $this->take($key, true, true);
    }

    public function delete(Key $key): void
    {
        $token = $this->token($key);
        $key->removeState(self::class);
        if (null === $token) {
            return;
        }
        try {
            $this->locks->restore((string) $key, $token[0])->release();
        } catch (RrEmbedException $error) {
            throw new LockReleasingException($error->getMessage(), 0, $error);
        }
    }

    public function exists(Key $key): bool
    {
        $token = $this->token($key);
        try {
            return null !== $token && $this->locks->exists((string) $key, $token[0]);
        } catch (RrEmbedException $error) {
            throw new LockStorageException($error->getMessage(), 0, $error);
        }
    }

    public function putOffExpiration(Key $key, float $ttl): void
    {
        if ($ttl <= 0) {
            throw new InvalidTtlException(\sprintf('"%s()" expects a TTL above 0. Got %d.', __METHOD__, $ttl));
        }
        $key->reduceLifetime($ttl);
        $token = $this->token($key) ?? throw new LockConflictedException();
        try {
            $refreshed = $this->locks->restore((string) $key, $token[0])->refresh($ttl);
        } catch (RrEmbedException $error) {
            throw new LockStorageException($error->getMessage(), 0, $error);
        }
        if (!$refreshed) {
            throw new LockConflictedException();
        }
        $this->checkNotExpired($key);
    }

    private function take(Key $key, bool $shared, bool $wait): void
    {
        $key->reduceLifetime($this->initialTtl);
        $token = $this->token($key);
        try {
            if (null !== $token && $token[1] === $shared && $this->locks->restore((string) $key, $token[0])->refresh($this->initialTtl)) {
                // It is had already.
                $this->checkNotExpired($key);

                return;
            }
            if (null !== $token && $shared) {
                // The server has no way from exclusive to shared.
                $this->locks->restore((string) $key, $token[0])->release();
                $key->removeState(self::class);
            }
            $owner = $token[0] ?? bin2hex(random_bytes(32));
            do {
                $handle = $this->locks->acquire((string) $key, $this->initialTtl, $wait ? self::ROUND : 0.0, $owner, $shared);
            } while (null === $handle && $wait);
        } catch (RrEmbedException $error) {
            throw new LockAcquiringException($error->getMessage(), 0, $error);
        }
        if (null === $handle) {
            throw new LockConflictedException();
        }
        $handle->detach();
        $key->setState(self::class, [$owner, $shared]);
        $this->checkNotExpired($key);
    }

    /**
     * @return array{string, bool}|null the owner of the key's lock, and whether it is shared
     */
    private function token(Key $key): ?array
    {
        /** @var array{string, bool}|null */
        return $key->hasState(self::class) ? $key->getState(self::class) : null;
    }
}
