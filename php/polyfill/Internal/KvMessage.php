<?php

declare(strict_types=1);

namespace RrEmbed\Internal;

use RrEmbed\Exception\TransportException;

/**
 * kv.v1.Request { 1 storage, 2 repeated Item } and Response { 1 repeated Item }; Item { 1 key, 2 value, 3 timeout }.
 *
 * @internal
 */
final class KvMessage
{
    public static function item(string $key, string $value = '', string $timeout = ''): string
    {
        return Protobuf::message(2, Protobuf::text(1, $key).Protobuf::text(2, $value).Protobuf::text(3, $timeout));
    }

    /**
     * @param iterable<array-key> $keys
     */
    public static function keys(iterable $keys): string
    {
        $items = '';
        foreach ($keys as $key) {
            $items .= self::item((string) $key);
        }

        return $items;
    }

    /**
     * @return list<array{key: string, value: string, timeout: string}>
     *
     * @throws TransportException when the bytes are no Response
     */
    public static function decode(string $response): array
    {
        $items = [];
        foreach (Protobuf::textsOf(Protobuf::decode($response), 1) as $item) {
            $fields = Protobuf::decode($item);
            $items[] = ['key' => Protobuf::textOf($fields, 1), 'value' => Protobuf::textOf($fields, 2), 'timeout' => Protobuf::textOf($fields, 3)];
        }

        return $items;
    }

    /**
     * The moment $ttl seconds from now as RFC 3339; '' without end.
     *
     * @param string $argument what a ValueError blames
     *
     * @throws \ValueError when it is not above 0, or past the year 9999
     */
    public static function timeout(?float $ttl, string $argument): string
    {
        if (null === $ttl) {
            return '';
        }
        $end = microtime(true) + $ttl;
        if (!($ttl > 0) || $end > 253402300799) {
            throw new \ValueError($argument.' must be greater than 0, and end before the year 10000');
        }
        $micros = (int) (($end - floor($end)) * 1e6);

        return gmdate('Y-m-d\TH:i:s', (int) $end).\sprintf('.%06dZ', $micros);
    }

    /**
     * Seconds until the moment that a server names; null for ''.
     *
     * @throws TransportException when it names none
     */
    public static function secondsUntil(string $timeout): ?float
    {
        if ('' === $timeout) {
            return null;
        }
        try {
            $end = new \DateTimeImmutable($timeout);
        } catch (\Exception $error) {
            throw new TransportException("the reply to kv.TTL has no time: \"{$timeout}\"", 0, $error);
        }

        return max(0.0, (float) $end->format('U.u') - microtime(true));
    }
}
