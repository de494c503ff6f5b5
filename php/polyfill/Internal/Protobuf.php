<?php

declare(strict_types=1);

namespace RrEmbed\Internal;

use RrEmbed\Exception\TransportException;

/**
 * The wire format of protobuf, for the few messages this library speaks. Their fields are integers, text and messages.
 *
 * @internal
 */
final class Protobuf
{
    public const VARINT = 0;
    public const FIXED64 = 1;
    public const BYTES = 2;
    public const FIXED32 = 5;

    /**
     * Text, bytes or an encoded message as a field. Left out while empty, as every encoder does.
     *
     * @param int<1, 15> $field
     */
    public static function text(int $field, string $value): string
    {
        return '' === $value ? '' : self::message($field, $value);
    }

    /**
     * The same, there even when empty: an entry of a list.
     *
     * @param int<1, 15> $field
     */
    public static function message(int $field, string $value): string
    {
        return \chr($field << 3 | self::BYTES).self::encodeVarint(\strlen($value)).$value;
    }

    /**
     * @param int<1, 15> $field
     */
    public static function integer(int $field, int $value): string
    {
        return 0 === $value ? '' : \chr($field << 3).self::encodeVarint($value);
    }

    /**
     * All fields of a message by their numbers: integers of varints, the bytes of everything else.
     *
     * @return array<int, list<int|string>>
     *
     * @throws TransportException when the bytes are no message
     */
    public static function decode(string $bytes): array
    {
        $fields = [];
        $end = \strlen($bytes);
        $at = 0;
        while ($at < $end) {
            $tag = self::varint($bytes, $at);
            if (self::BYTES === ($tag & 7)) {
                $fields[$tag >> 3][] = self::bytes($bytes, $at);
                continue;
            }
            $fields[$tag >> 3][] = match ($tag & 7) {
                self::VARINT => self::varint($bytes, $at),
                self::FIXED64 => self::fixed($bytes, $at, 8),
                self::FIXED32 => self::fixed($bytes, $at, 4),
                default => throw new TransportException('malformed protobuf: wire type '.($tag & 7)),
            };
        }

        return $fields;
    }

    /**
     * The last of a text field, which is the one that counts.
     *
     * @param array<int, list<int|string>> $fields
     */
    public static function textOf(array $fields, int $field): string
    {
        $values = $fields[$field] ?? [''];

        return (string) $values[\count($values) - 1];
    }

    /**
     * @param array<int, list<int|string>> $fields
     */
    public static function integerOf(array $fields, int $field): int
    {
        $values = $fields[$field] ?? [0];

        return (int) $values[\count($values) - 1];
    }

    /**
     * @param array<int, list<int|string>> $fields
     *
     * @return list<string>
     */
    public static function textsOf(array $fields, int $field): array
    {
        return array_map(strval(...), $fields[$field] ?? []);
    }

    /**
     * @throws TransportException when it is cut off or longer than 64 bits
     */
    public static function varint(string $bytes, int &$at): int
    {
        $byte = \ord($bytes[$at++] ?? throw self::cutOff());
        if ($byte < 0x80) {
            return $byte;
        }
        $value = $byte & 0x7F;
        for ($shift = 7; $shift < 64; $shift += 7) {
            if ($at >= \strlen($bytes)) {
                throw self::cutOff();
            }
            $byte = \ord($bytes[$at++]);
            $value |= ($byte & 0x7F) << $shift;
            if ($byte < 0x80) {
                return $value;
            }
        }

        throw new TransportException('malformed protobuf: a number without end');
    }

    /**
     * @throws TransportException when it is cut off
     */
    public static function bytes(string $bytes, int &$at): string
    {
        $length = self::varint($bytes, $at);
        if ($length < 0 || $length > \strlen($bytes) - $at) {
            throw self::cutOff();
        }
        $value = substr($bytes, $at, $length);
        $at += $length;

        return $value;
    }

    /**
     * Reads past a field of any wire type.
     *
     * @return int the value of a varint, else 0
     *
     * @throws TransportException when it is cut off, or of a type that no message has
     */
    public static function skip(string $bytes, int &$at, int $wireType): int
    {
        switch ($wireType) {
            case self::VARINT:
                return self::varint($bytes, $at);
            case self::BYTES:
                self::bytes($bytes, $at);

                return 0;
            case self::FIXED64:
            case self::FIXED32:
                self::fixed($bytes, $at, self::FIXED64 === $wireType ? 8 : 4);

                return 0;
            default:
                throw new TransportException("malformed protobuf: wire type {$wireType}");
        }
    }

    public static function encodeVarint(int $value): string
    {
        $bytes = '';
        // Negative: its 64 bits.
        while ($value < 0 || $value > 0x7F) {
            $bytes .= \chr($value & 0x7F | 0x80);
            $value = $value >> 7 & 0x01FFFFFFFFFFFFFF;
        }

        return $bytes.\chr($value);
    }

    private static function fixed(string $bytes, int &$at, int $length): string
    {
        if ($length > \strlen($bytes) - $at) {
            throw self::cutOff();
        }
        $value = substr($bytes, $at, $length);
        $at += $length;

        return $value;
    }

    private static function cutOff(): TransportException
    {
        return new TransportException('malformed protobuf: cut off');
    }
}
