<?php

declare(strict_types=1);

namespace RrEmbed\Bridge\Spiral;

use Spiral\RoadRunner\EnvironmentInterface;

/**
 * What the server told this script, from $_SERVER, $_ENV and getenv(): the package's own class reads no getenv().
 */
final class Environment implements EnvironmentInterface
{
    /** Where RoadRunner listens when nothing says otherwise. */
    public const DEFAULT_RPC = 'tcp://127.0.0.1:6001';

    public function getMode(): string
    {
        return self::get('RR_MODE', '');
    }

    public function getRelayAddress(): string
    {
        return self::get('RR_RELAY', 'pipes');
    }

    public function getRPCAddress(): string
    {
        return self::get('RR_RPC', self::DEFAULT_RPC);
    }

    private static function get(string $name, string $default): string
    {
        $value = $_SERVER[$name] ?? $_ENV[$name] ?? getenv($name);

        return \is_string($value) && '' !== $value ? $value : $default;
    }
}
