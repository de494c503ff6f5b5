<?php

declare(strict_types=1);

namespace RrEmbed\Bridge;

/**
 * Values as spiral/roadrunner-kv's DefaultSerializer keeps them: both may share a storage.
 *
 * @internal
 */
final class Serializer
{
    public static function encode(mixed $value): string
    {
        return serialize($value);
    }

    /**
     * @return array{mixed}|null the value; null when the bytes are none
     */
    public static function decode(string $bytes): ?array
    {
        try {
            $value = @unserialize($bytes);
        } catch (\Throwable) {
            // A class that refuses, or has changed since.
            return null;
        }

        return false === $value && 'b:0;' !== $bytes ? null : [$value];
    }
}
