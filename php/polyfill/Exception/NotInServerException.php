<?php

declare(strict_types=1);

namespace RrEmbed\Exception;

/**
 * The call needs a running server and this process is not part of one.
 */
class NotInServerException extends \LogicException implements RrEmbedException
{
}
