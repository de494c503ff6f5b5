<?php

declare(strict_types=1);

namespace RrEmbed\Bridge;

/**
 * Keys as PSR-6 and PSR-16 allow them.
 *
 * @internal
 */
final class CacheKey
{
    /**
     * @return string|null what is wrong with it: no text, empty, or a character that both keep for themselves
     */
    public static function problem(mixed $key): ?string
    {
        if (!\is_string($key)) {
            return 'a cache key must be a string, '.get_debug_type($key).' given';
        }

        return '' === $key || false !== strpbrk($key, '{}()/\@:') ? "the cache key \"{$key}\" must not be empty nor have any of {}()/\\@:" : null;
    }
}
