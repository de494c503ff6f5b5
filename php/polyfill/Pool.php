<?php

declare(strict_types=1);

namespace RrEmbed;

use RrEmbed\Internal\Caller;

/**
 * The workers of the server's plugins: who they are, more of them, fewer, fresh ones.
 *
 * Every method throws {@see Exception\NotInServerException} when the environment names no server, {@see Exception\ServiceException}
 * with the server's text, {@see Exception\TransportException} when it cannot be reached and {@see Exception\TimeoutException} when
 * it does not answer in time.
 */
final class Pool
{
    /** Seconds: workers finish what they do before they are replaced or taken away. */
    private const PATIENCE = 120.0;

    private function __construct()
    {
    }

    /**
     * @return list<array{pid: int, status: int, numExecs: int, created: int, memoryUsage: int, CPUPercent: float, command: string, statusStr: string}> none for a plugin without workers; created: nanoseconds since 1970
     */
    public static function workers(string $plugin = 'http'): array
    {
        $reply = self::server()->json('informer.Workers', $plugin);

        /** @var list<array{pid: int, status: int, numExecs: int, created: int, memoryUsage: int, CPUPercent: float, command: string, statusStr: string}> */
        return \is_array($reply) ? $reply['workers'] ?? [] : [];
    }

    /**
     * Adds a worker.
     */
    public static function add(string $plugin): void
    {
        self::call('informer.AddWorker', $plugin);
    }

    /**
     * Takes a worker away, once one is idle; the last one stays.
     */
    public static function remove(string $plugin): void
    {
        self::call('informer.RemoveWorker', $plugin);
    }

    /**
     * Replaces the workers, once they are idle.
     *
     * @param string ...$plugins none means all that can be reset
     */
    public static function reset(string ...$plugins): void
    {
        /** @var list<string> $all */
        $all = [] === $plugins ? self::server()->json('resetter.List', true) : $plugins;
        foreach ($all as $plugin) {
            self::call('resetter.Reset', $plugin);
        }
    }

    private static function call(string $method, string $plugin): void
    {
        self::server()->rpc()->begin($method, json_encode($plugin, \JSON_THROW_ON_ERROR | \JSON_INVALID_UTF8_SUBSTITUTE), Codec::Json)->result(self::PATIENCE);
    }

    private static function server(): Caller
    {
        return new Caller(null, self::class);
    }
}
