<?php

declare(strict_types=1);

namespace RrEmbed\Exception;

/**
 * The server or this kind of process cannot do what was asked.
 */
class UnsupportedException extends \RuntimeException implements RrEmbedException
{
}
