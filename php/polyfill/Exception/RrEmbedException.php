<?php

declare(strict_types=1);

namespace RrEmbed\Exception;

/**
 * Everything that this package throws, except \ValueError for arguments that no caller should pass.
 */
interface RrEmbedException extends \Throwable
{
}
