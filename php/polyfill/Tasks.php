<?php

declare(strict_types=1);

namespace RrEmbed;

use RrEmbed\Exception\NotInServerException;
use RrEmbed\Exception\UnsupportedException;
use RrEmbed\Internal\Environment;

/**
 * Work for a pool of task workers beside the one that asks. No server has such a pool yet: ask {@see available()} and do the work in
 * turn.
 */
final class Tasks
{
    private function __construct()
    {
    }

    /**
     * Whether there is a pool of task workers.
     */
    public static function available(): bool
    {
        return false;
    }

    /**
     * Gives a task away and does not wait for it.
     *
     * @return string its id
     *
     * @throws NotInServerException when the environment names no server
     * @throws UnsupportedException when the server has no task workers
     */
    public static function dispatch(string $payload): string
    {
        throw self::unsupported();
    }

    /**
     * Runs tasks side by side and waits for all.
     *
     * @param array<array-key, string> $payloads
     *
     * @return array<array-key, string> results by the keys of the payloads
     *
     * @throws NotInServerException when the environment names no server
     * @throws UnsupportedException when the server has no task workers
     */
    public static function all(array $payloads, float $timeout = 3.0): array
    {
        throw self::unsupported();
    }

    private static function unsupported(): NotInServerException|UnsupportedException
    {
        if ('' === Environment::rpcAddress()) {
            return Environment::notInServer(self::class);
        }

        return new UnsupportedException('RrEmbed\Tasks needs a pool of task workers, and this server has none');
    }
}
