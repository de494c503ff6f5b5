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
    /** Bytes that a path of a unix socket may have. */
    private const MAX_PATH = 107;

    /**
     * The address in the form that PHP's sockets take.
     *
     * @throws TransportException when it has none of the forms
     */
    public static function normalise(string $address): string
    {
        return self::parse($address) ?? throw new TransportException("unsupported RPC address \"{$address}\": tcp://host:port, :port or unix://path is expected");
    }

    private static function parse(string $address): ?string
    {
        if (0 === strncasecmp($address, 'unix://', 7)) {
            $path = substr($address, 7);

            return '' === $path || \strlen($path) > self::MAX_PATH || str_contains($path, "\0") ? null : 'unix://'.$path;
        }
        $target = 0 === strncasecmp($address, 'tcp://', 6) ? substr($address, 6) : $address;
        $colon = strrpos($target, ':');
        if (false === $colon) {
            return null;
        }
        $host = strtolower(substr($target, 0, $colon));
        $port = substr($target, $colon + 1);
        $isLiteral = str_starts_with($host, '[') && str_ends_with($host, ']');
        if (!ctype_digit($port) || \strlen($port) > 5 || (int) $port < 1 || (int) $port > 65535 || !self::isHost($isLiteral ? substr($host, 1, -1) : $host, $isLiteral)) {
            return null;
        }

        return 'tcp://'.match ($host) {
            '', '0.0.0.0' => '127.0.0.1',
            '[::]' => '[::1]',
            default => $host,
        }.':'.(int) $port;
    }

    private static function isHost(string $host, bool $isLiteral): bool
    {
        return false === strpbrk($host, " /\\[]\0".($isLiteral ? '' : ':')) && (!$isLiteral || '' !== $host);
    }
}
