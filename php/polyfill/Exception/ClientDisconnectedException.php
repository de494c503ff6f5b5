<?php

declare(strict_types=1);

namespace RrEmbed\Exception;

/**
 * The client left before it had the whole response.
 */
class ClientDisconnectedException extends \RuntimeException implements RrEmbedException
{
}
