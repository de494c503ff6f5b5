<?php

declare(strict_types=1);

namespace RrEmbed\Internal;

use RrEmbed\Codec;
use RrEmbed\Exception\NotInServerException;
use RrEmbed\Exception\ServiceException;
use RrEmbed\Exception\TimeoutException;
use RrEmbed\Exception\TransportException;
use RrEmbed\Rpc;

/**
 * How a class calls the server: through the Rpc it was given, or that of the environment, which is looked for with the first call.
 *
 * @internal
 */
final class Caller
{
    /**
     * @param string $api the class that an exception blames when there is no server
     */
    public function __construct(private ?Rpc $rpc, private readonly string $api)
    {
    }

    /**
     * @param string     $message an encoded message
     * @param float|null $timeout seconds for the reply; null is that of the Rpc
     *
     * @return string the reply, encoded
     *
     * @throws NotInServerException when the environment names no server
     * @throws ServiceException     when the server answers with an error
     * @throws TransportException   when it cannot be reached
     * @throws TimeoutException     when it does not answer in time
     */
    public function protobuf(string $method, string $message, ?float $timeout = null): string
    {
        return $this->rpc()->begin($method, $message, Codec::Proto)->result($timeout);
    }

    /**
     * @throws NotInServerException when the environment names no server
     * @throws ServiceException     when the server answers with an error
     * @throws TransportException   when it cannot be reached
     * @throws TimeoutException     when it does not answer in time
     */
    public function json(string $method, mixed $argument): mixed
    {
        return $this->rpc()->call($method, $argument);
    }

    /**
     * @throws NotInServerException when the environment names no server
     */
    public function rpc(): Rpc
    {
        if (null === $this->rpc) {
            if ('' === Environment::rpcAddress()) {
                throw Environment::notInServer($this->api);
            }
            $this->rpc = new Rpc();
        }

        return $this->rpc;
    }
}
