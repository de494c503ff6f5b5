<?php

declare(strict_types=1);

namespace RrEmbed\Internal;

use RrEmbed\Exception\RrEmbedException;

/**
 * One RPC call on its way: what {@see RpcConnection} writes its end into.
 *
 * @internal
 */
final class Call
{
    public ?string $reply = null;
    public ?RrEmbedException $failure = null;
    public readonly float $started;

    /**
     * @param int  $process the process that began it
     * @param bool $wanted  false: nobody asks for the reply, an error goes to the log
     */
    public function __construct(public readonly string $method, public readonly int $process, public readonly bool $wanted)
    {
        $this->started = microtime(true);
    }

    public function isDone(): bool
    {
        return null !== $this->reply || null !== $this->failure;
    }

    public function fail(RrEmbedException $failure): void
    {
        $this->failure = $failure;
        if (!$this->wanted) {
            error_log("rr_embed: {$this->method} failed: ".substr($failure->getMessage(), \strlen($this->method) + 2));
        }
    }
}
