<?php

declare(strict_types=1);

namespace RrEmbed\Exception;

/**
 * The server answered a call with an error.
 */
class ServiceException extends \RuntimeException implements RrEmbedException
{
    /**
     * @param string $method        the method called, `service.Method`
     * @param string $serverMessage the server's text, unchanged: clients search it
     */
    public function __construct(public readonly string $method, public readonly string $serverMessage, ?\Throwable $previous = null)
    {
        parent::__construct($method.': '.$serverMessage, 0, $previous);
    }
}
