<?php

declare(strict_types=1);

namespace RrEmbed\Exception;

/**
 * The call comes at the wrong moment, for example a second answer to one request.
 */
class InvalidStateException extends \LogicException implements RrEmbedException
{
}
