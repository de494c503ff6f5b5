<?php

declare(strict_types=1);

namespace RrEmbed\Bridge\Psr16;

/**
 * A key that PSR-16 does not allow.
 */
final class InvalidArgumentException extends \InvalidArgumentException implements \Psr\SimpleCache\InvalidArgumentException
{
}
