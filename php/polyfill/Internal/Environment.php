<?php

declare(strict_types=1);

namespace RrEmbed\Internal;

use RrEmbed\Exception\NotInServerException;

/**
 * What the server told this process: the RR_* variables. $_SERVER wins over $_ENV and getenv().
 *
 * @internal
 */
final class Environment
{
    public static function get(string $name): string
    {
        $value = $_SERVER[$name] ?? $_ENV[$name] ?? getenv($name);

        return \is_string($value) ? $value : '';
    }

    /**
     * Whether a server started this process as a worker. RR_RPC alone does not make one: FPM pools and commands have it too.
     */
    public static function isWorker(): bool
    {
        return '' !== self::get('RR_MODE') || '' !== self::get('RR_RELAY');
    }

    /**
     * @param string $api the class or function that was called
     */
    public static function notInServer(string $api): NotInServerException
    {
        $reasons = 'this process is not a worker';
        if ('' === self::get('RR_RPC')) {
            $reasons .= ', RR_RPC is not set and rr_embed.rpc is empty';
        }

        return new NotInServerException($api.' needs a running rr-embed or RoadRunner server: '.$reasons
            .'. Use "rr-embed serve" or pass new RrEmbed\Rpc(\'tcp://127.0.0.1:6001\').');
    }
}
