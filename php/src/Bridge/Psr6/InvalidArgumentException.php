<?php

declare(strict_types=1);

namespace RrEmbed\Bridge\Psr6;

/**
 * A key that PSR-6 does not allow, or an item of another pool.
 */
final class InvalidArgumentException extends \InvalidArgumentException implements \Psr\Cache\InvalidArgumentException
{
}
