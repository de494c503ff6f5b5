<?php

declare(strict_types=1);

namespace RrEmbed\Internal;

use RrEmbed\Exception\TransportException;

/**
 * Where a server takes RPC: `tcp://host:port`, `host:port`, `:port`, `tcp://[::1]:port`, `unix://path`.
 *
 * A host that a server listens at and nobody can dial (none, 0.0.0.0, [::]) is this machine.
 *
 * @internal
 */
final class Address
{
    /**
     * The address in the form that PHP's sockets take.
     *
     * @throws TransportException when it has none of the forms
     */
    public static function normalise(string $address): string
    {
        $parts = explode('://', $address, 2);
        [$scheme, $target] = 2 === \count($parts) ? [strtolower($parts[0]), $parts[1]] : ['tcp', $address];
        if ('unix' === $scheme && '' !== $target) {
            return 'unix://'.$target;
        }
        $colon = strrpos($target, ':');
        if ('tcp' !== $scheme || false === $colon) {
            throw self::unsupported($address);
        }
        $host = strtolower(substr($target, 0, $colon));
        $port = substr($target, $colon + 1);
        $isLiteral = str_starts_with($host, '[') && str_ends_with($host, ']');
        if (!ctype_digit($port) || (int) $port < 1 || (int) $port > 65535 || (!$isLiteral && str_contains($host, ':'))) {
            throw self::unsupported($address);
        }

        return 'tcp://'.(\in_array($host, ['', '0.0.0.0'], true) ? '127.0.0.1' : ('[::]' === $host ? '[::1]' : $host)).':'.(int) $port;
    }

    private static function unsupported(string $address): TransportException
    {
        return new TransportException("unsupported RPC address \"{$address}\": tcp://host:port, :port or unix://path is expected");
    }
}
