<?php

declare(strict_types=1);

namespace RrEmbed;

use RrEmbed\Exception\RrEmbedException;
use RrEmbed\Internal\LockCalls;
use RrEmbed\Internal\NotCopyable;

/**
 * A lock that was had. Its destructor releases it unless it was detached.
 */
final class LockHandle
{
    use NotCopyable;

    private readonly int $process;

    /**
     * @internal made by {@see Lock::acquire()}
     *
     * @param int  $fence grows with each lock of the resource; 0 when the server tells none
     * @param bool $held  whether the destructor releases it
     */
    public function __construct(
        private readonly LockCalls $calls,
        public readonly string $resource,
        public readonly string $owner,
        public readonly int $fence,
        private bool $held,
    ) {
        $this->process = (int) getmypid();
    }

    public function __destruct()
    {
        // A child of fork() has a copy of the handle, and not the lock.
        if (!$this->held || getmypid() !== $this->process) {
            return;
        }
        try {
            $this->release();
        } catch (RrEmbedException $error) {
            error_log('rr-embed: '.$error->getMessage());
        }
    }

    /**
     * Lets the lock end that many seconds from now; 0: when it is released.
     *
     * @return bool false when it had ended
     *
     * @throws \ValueError when the time is negative
     */
    public function refresh(float $ttl): bool
    {
        return $this->calls->ask('UpdateTTL', $this->resource, $this->owner, LockCalls::micros($ttl, 'RrEmbed\LockHandle::refresh(): Argument #1 ($ttl)'));
    }

    /**
     * @return bool false when it had ended
     */
    public function release(): bool
    {
        $this->held = false;

        return $this->calls->ask('Release', $this->resource, $this->owner);
    }

    /**
     * Lets the lock outlive this object.
     *
     * @return string its owner, for {@see Lock::restore()}
     */
    public function detach(): string
    {
        $this->held = false;

        return $this->owner;
    }
}
