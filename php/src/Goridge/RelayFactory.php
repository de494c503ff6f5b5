<?php

declare(strict_types=1);

namespace RrEmbed\Goridge;

use RrEmbed\Exception\TransportException;

/**
 * Makes the relay that RR_RELAY names.
 */
final class RelayFactory
{
    /**
     * @param string $address `pipes`, `pipes://stdin:stdout`, `tcp://host:port`, `unix:///path`; the scheme in any case
     *
     * @throws TransportException when the address has another form, or nobody answers there
     */
    public static function create(string $address): Relay
    {
        $parts = explode('://', $address, 2);
        $target = $parts[1] ?? '';
        $scheme = strtolower($parts[0]);
        if ('pipes' === $scheme) {
            return '' === $target && !isset($parts[1]) ? self::pipes() : self::namedPipes($address, $target);
        }
        if ('' === $target) {
            throw new TransportException("unsupported connection format: {$address}");
        }

        return match ($scheme) {
            'tcp' => new SocketRelay('tcp://'.self::hostAndPort($address, $target)),
            'unix' => new SocketRelay('unix://'.$target),
            default => throw new TransportException("unknown connection protocol: {$address}"),
        };
    }

    private static function pipes(): Relay
    {
        // The constants exist in the CLI and on threads; a script that PHP reads from a pipe has none.
        return new StreamRelay(
            \defined('STDIN') ? \STDIN : self::open('php://stdin', 'rb'),
            \defined('STDOUT') ? \STDOUT : self::open('php://stdout', 'wb'),
        );
    }

    private static function namedPipes(string $address, string $target): Relay
    {
        $names = explode(':', $target);
        if (2 !== \count($names)) {
            throw new TransportException("unsupported stream connection format: {$address}");
        }

        return new StreamRelay(self::open('php://'.$names[0], 'rb'), self::open('php://'.$names[1], 'wb'));
    }

    private static function hostAndPort(string $address, string $target): string
    {
        $colon = strrpos($target, ':');
        $port = false === $colon ? '' : substr($target, $colon + 1);
        if (!$colon || !ctype_digit($port) || (int) $port > 65535) {
            throw new TransportException("unsupported connection format: {$address}");
        }

        return strtolower($target);
    }

    /**
     * @return resource
     */
    private static function open(string $name, string $mode): mixed
    {
        return @fopen($name, $mode) ?: throw new TransportException("cannot open {$name}");
    }
}
