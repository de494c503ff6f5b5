<?php

/**
 * Locks that workers share.
 *
 * @generate-class-entries
 */

namespace RrEmbed {

    /**
     * Locks that all workers of a server share, or all servers that use one redis.
     *
     *     if ($lock = (new RrEmbed\Lock())->acquire('order 17', ttl: 30, wait: 5)) {
     *         // nobody else is here
     *         $lock->release();
     *     }
     *
     * Every method throws Exception\NotInServerException when there is no server to ask, Exception\ServiceException with the server's
     * text, Exception\TransportException when it cannot be reached and Exception\TimeoutException when it does not answer in time.
     *
     * @strict-properties
     * @not-serializable
     */
    final class Lock
    {
        /** @param Rpc|null $rpc null is the server this script belongs to, looked for with the first call */
        public function __construct(?Rpc $rpc = null) {}

        /**
         * Takes a lock. It is not re-entrant: the same owner waits like any other.
         *
         * @param float $ttl seconds after which it ends; 0: when it is released
         * @param float $wait seconds to wait for it; 0: not at all
         * @param string|null $owner who has it; null is a name that nobody else has
         * @param bool $shared true lets other shared ones in, and waits for exclusive ones
         *
         * @return LockHandle|null null when others had it for all of $wait; the lock goes with the handle
         *
         * @throws Exception\ClientDisconnectedException when nobody waits any more for the request in hand
         * @throws \ValueError when a time is negative or the owner is empty
         */
        public function acquire(string $resource, float $ttl = 0, float $wait = 0, ?string $owner = null, bool $shared = false): ?LockHandle {}

        /** Whether that owner has a lock; null asks for anybody. */
        public function exists(string $resource, ?string $owner = null): bool {}

        /**
         * Takes the locks of a resource away from all who have them.
         *
         * @return bool whether it was ever locked
         */
        public function forceRelease(string $resource): bool {}

        /**
         * The handle of a lock that was had before, by its owner's name: after LockHandle::detach(), in another request perhaps. It is
         * not asked whether the lock is still there; the handle's destructor leaves it alone.
         */
        public function restore(string $resource, string $owner): LockHandle {}
    }

    /**
     * A lock that was had. It is released with this object, at the latest when the script ends, unless it was detached.
     *
     * @strict-properties
     * @not-serializable
     */
    final class LockHandle
    {
        public readonly string $resource;
        public readonly string $owner;
        /** Grows with each lock of the resource; 0 when the server tells none. */
        public readonly int $fence;

        private function __construct() {}

        /**
         * Lets the lock end that many seconds from now; 0: when it is released.
         *
         * @return bool false when it had ended
         *
         * @throws \ValueError when the time is negative
         */
        public function refresh(float $ttl): bool {}

        /** @return bool false when it had ended */
        public function release(): bool {}

        /**
         * Lets the lock outlive this object.
         *
         * @return string its owner, for Lock::restore()
         */
        public function detach(): string {}
    }
}
