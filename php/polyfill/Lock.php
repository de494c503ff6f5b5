<?php

declare(strict_types=1);

namespace RrEmbed;

use RrEmbed\Internal\Caller;
use RrEmbed\Internal\LockCalls;
use RrEmbed\Internal\NotCopyable;

/**
 * Locks that all workers of a server share, or all servers that use one redis.
 *
 *     if ($lock = (new RrEmbed\Lock())->acquire('order 17', ttl: 30, wait: 5)) {
 *         // nobody else is here
 *         $lock->release();
 *     }
 *
 * Every method throws {@see Exception\NotInServerException} when the environment names no server, {@see Exception\ServiceException}
 * with the server's text, {@see Exception\TransportException} when it cannot be reached and {@see Exception\TimeoutException} when
 * it does not answer in time.
 */
final class Lock
{
    use NotCopyable;

    private readonly LockCalls $calls;

    /**
     * @param Rpc|null $rpc null is the server this script belongs to, looked for with the first call
     */
    public function __construct(?Rpc $rpc = null)
    {
        $this->calls = new LockCalls(new Caller($rpc, self::class));
    }

    /**
     * Takes a lock. It is not re-entrant: the same owner waits like any other.
     *
     * @param float       $ttl    seconds after which it ends; 0: when it is released
     * @param float       $wait   seconds to wait for it; 0: not at all
     * @param string|null $owner  who has it; null is a name that nobody else has
     * @param bool        $shared true lets other shared ones in, and waits for exclusive ones
     *
     * @return LockHandle|null null when others had it for all of $wait; the lock goes with the handle
     *
     * @throws \ValueError when a time is negative or the owner is empty
     */
    public function acquire(string $resource, float $ttl = 0, float $wait = 0, ?string $owner = null, bool $shared = false): ?LockHandle
    {
        if ('' === $owner) {
            throw new \ValueError('RrEmbed\Lock::acquire(): Argument #4 ($owner) must not be empty');
        }
        $owner ??= bin2hex(random_bytes(16));
        $fence = $this->calls->acquire(
            $resource,
            $owner,
            LockCalls::micros($ttl, 'RrEmbed\Lock::acquire(): Argument #2 ($ttl)'),
            LockCalls::micros($wait, 'RrEmbed\Lock::acquire(): Argument #3 ($wait)'),
            $shared,
        );

        return null === $fence ? null : new LockHandle($this->calls, $resource, $owner, $fence, true);
    }

    /**
     * Whether that owner has a lock; null asks for anybody.
     */
    public function exists(string $resource, ?string $owner = null): bool
    {
        return $this->calls->ask('Exists', $resource, $owner ?? '*');
    }

    /**
     * Takes the locks of a resource away from all who have them.
     *
     * @return bool whether it was ever locked
     */
    public function forceRelease(string $resource): bool
    {
        return $this->calls->ask('ForceRelease', $resource, '');
    }

    /**
     * The handle of a lock that was had before, by its owner's name: after {@see LockHandle::detach()}, in another request perhaps.
     * It is not asked whether the lock is still there; the handle's destructor leaves it alone.
     */
    public function restore(string $resource, string $owner): LockHandle
    {
        return new LockHandle($this->calls, $resource, $owner, 0, false);
    }
}
