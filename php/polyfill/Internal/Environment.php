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
     * Where RPC calls go: RR_RPC, else rr_embed.rpc of php.ini or -d, where it counts though no extension registers it.
     *
     * @return string '' when neither is set
     */
    public static function rpcAddress(): string
    {
        $address = self::get('RR_RPC');

        return '' !== $address ? $address : self::setting('rr_embed.rpc', '');
    }

    /**
     * Seconds that a call may take.
     */
    public static function rpcTimeout(): float
    {
        return (float) self::setting('rr_embed.rpc_timeout', '5');
    }

    /**
     * Seconds that connecting may take.
     */
    public static function rpcConnectTimeout(): float
    {
        return (float) self::setting('rr_embed.rpc_connect_timeout', '1');
    }

    /**
     * @param string $api the class or function that was called
     */
    public static function notInServer(string $api): NotInServerException
    {
        if (self::isWorker()) {
            return new NotInServerException($api.' needs an RPC socket of the server: RR_RPC is not set and rr_embed.rpc is empty. Give the server\'s configuration a section "rpc".');
        }
        $reasons = '' === self::rpcAddress() ? ', RR_RPC is not set and rr_embed.rpc is empty' : '';

        return new NotInServerException($api.' needs a running rr-embed or RoadRunner server: this process is not a worker'.$reasons
            .'. Use "rr-embed serve" or pass new RrEmbed\Rpc(\'tcp://127.0.0.1:6001\').');
    }

    private static function setting(string $name, string $default): string
    {
        $value = get_cfg_var($name);

        return \is_string($value) && '' !== $value ? $value : $default;
    }
}
