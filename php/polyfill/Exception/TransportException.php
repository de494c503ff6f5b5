<?php

declare(strict_types=1);

namespace RrEmbed\Exception;

/**
 * The connection to the server failed, or the peer sent bytes that are not a frame.
 */
class TransportException extends \RuntimeException implements RrEmbedException
{
}
