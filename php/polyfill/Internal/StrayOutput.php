<?php

declare(strict_types=1);

namespace RrEmbed\Internal;

/**
 * Keeps echo, print and PHP's messages out of the pipe that carries frames: they go to STDERR, which the server logs.
 *
 * @internal
 */
final class StrayOutput
{
    /** @var resource|null */
    private static mixed $stderr = null;

    /**
     * Redirects from now on; a second call does nothing.
     */
    public static function redirect(): void
    {
        if (null !== self::$stderr) {
            return;
        }
        self::$stderr = fopen('php://stderr', 'w') ?: null;
        if (filter_var(\ini_get('display_errors'), \FILTER_VALIDATE_BOOL)) {
            // Past the buffer: a fatal error is reported when no callback can run any more.
            ini_set('display_errors', 'stderr');
        }
        // A chunk of one byte: every write is passed on at once.
        ob_start(self::write(...), 1);
    }

    private static function write(string $bytes): string
    {
        if ('' !== $bytes && null !== self::$stderr) {
            fwrite(self::$stderr, $bytes);
        }

        return '';
    }
}
