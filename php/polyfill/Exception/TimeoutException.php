<?php

declare(strict_types=1);

namespace RrEmbed\Exception;

/**
 * The time that the caller set is over.
 */
class TimeoutException extends \RuntimeException implements RrEmbedException
{
}
