<?php

declare(strict_types=1);

namespace RrEmbed\Bridge\Psr16;

/**
 * The server refused, or could not be reached. The previous exception says which.
 */
final class CacheException extends \RuntimeException implements \Psr\SimpleCache\CacheException
{
}
