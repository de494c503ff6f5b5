<?php

declare(strict_types=1);

namespace RrEmbed\Internal;

use RrEmbed\Exception\TransportException;
use RrEmbed\Jobs\Options;
use RrEmbed\Jobs\Stats;

/**
 * jobs.v1.Job { 1 job, 2 id, 3 payload, 4 map of HeaderValue, 5 Options } and what belongs to it.
 *
 * @internal
 */
final class JobMessage
{
    public static function encode(string $pipeline, string $id, string $name, string $payload, Options $options): string
    {
        $headers = '';
        foreach ($options->headers as $header => $values) {
            $list = '';
            foreach ((array) $values as $value) {
                $list .= Protobuf::message(1, $value);
            }
            // One without values would reach the worker as null.
            $headers .= '' === $list ? '' : Protobuf::message(4, Protobuf::text(1, (string) $header).Protobuf::message(2, $list));
        }

        return Protobuf::text(1, $name).Protobuf::text(2, $id).Protobuf::text(3, $payload).$headers.Protobuf::message(5, self::options($pipeline, $options));
    }

    /**
     * An identifier in the form that RoadRunner's own package makes: a UUID of version 4.
     */
    public static function newId(): string
    {
        $bytes = random_bytes(16);
        $bytes[6] = \chr(\ord($bytes[6]) & 0x0F | 0x40);
        $bytes[8] = \chr(\ord($bytes[8]) & 0x3F | 0x80);

        return vsprintf('%s%s-%s-%s-%s-%s%s%s', str_split(bin2hex($bytes), 4));
    }

    /**
     * Whole seconds: brokers know no others. Rounded up, so that nothing runs before its time.
     */
    public static function seconds(float $delay): int
    {
        return (int) min(ceil($delay), 1 << 60);
    }

    /**
     * @param string $bytes jobs.v1.Stats { 1 repeated Stat }
     *
     * @return Stats|null null when it has no such pipeline
     *
     * @throws TransportException when the bytes are no Stats
     */
    public static function statsOf(string $bytes, string $pipeline): ?Stats
    {
        foreach (Protobuf::textsOf(Protobuf::decode($bytes), 1) as $stat) {
            $fields = Protobuf::decode($stat);
            if (Protobuf::textOf($fields, 1) === $pipeline) {
                return new Stats(
                    $pipeline,
                    Protobuf::textOf($fields, 2),
                    Protobuf::textOf($fields, 3),
                    Protobuf::integerOf($fields, 4),
                    Protobuf::integerOf($fields, 5),
                    Protobuf::integerOf($fields, 6),
                    Protobuf::integerOf($fields, 8),
                    0 !== Protobuf::integerOf($fields, 7),
                );
            }
        }

        return null;
    }

    private static function options(string $pipeline, Options $options): string
    {
        $driver = $options->driver;

        return Protobuf::integer(1, $options->priority).Protobuf::text(2, $pipeline).Protobuf::integer(3, self::seconds($options->delay))
            .Protobuf::integer(6, (int) $options->autoAck).Protobuf::text(7, (string) ($driver['topic'] ?? '')).Protobuf::text(8, (string) ($driver['metadata'] ?? ''))
            .Protobuf::integer(9, (int) ($driver['offset'] ?? 0)).Protobuf::integer(10, (int) ($driver['partition'] ?? 0));
    }
}
