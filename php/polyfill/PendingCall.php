<?php

declare(strict_types=1);

namespace RrEmbed;

use RrEmbed\Internal\Call;
use RrEmbed\Internal\NotCopyable;
use RrEmbed\Internal\RpcConnection;

/**
 * A call on its way to the server, made by {@see Rpc::begin()}. Others may be made and answered before it.
 */
final class PendingCall
{
    use NotCopyable;

    /**
     * @internal made by {@see Rpc::begin()}
     */
    public function __construct(private readonly RpcConnection $connection, private ?Call $call, private readonly float $timeout)
    {
    }

    /**
     * Whether result() would return, or throw, at once. Never blocks.
     *
     * @throws Exception\InvalidStateException after cancel()
     * @throws Exception\TransportException    in another process than the one that began the call
     */
    public function ready(): bool
    {
        $call = $this->call();
        if (!$call->isDone()) {
            $this->connection->poll($call);
        }

        return $call->isDone();
    }

    /**
     * Waits for the reply. It can be asked for again.
     *
     * @param float|null $timeout seconds; null is that of the Rpc
     *
     * @return string in the codec of the call
     *
     * @throws Exception\InvalidStateException after cancel()
     * @throws Exception\ServiceException      when the server answers with an error
     * @throws Exception\TimeoutException      when there is no reply in time; the call goes on
     * @throws Exception\TransportException    when the connection breaks
     */
    public function result(?float $timeout = null): string
    {
        $call = $this->call();
        if (!$call->isDone()) {
            $this->connection->await($call, $timeout ?? $this->timeout);
        }

        return RpcConnection::reply($call);
    }

    /**
     * Nobody wants the reply any more; the server may have done what was asked.
     */
    public function cancel(): void
    {
        $this->call = null;
    }

    private function call(): Call
    {
        return $this->call ?? throw new Exception\InvalidStateException('the call was cancelled');
    }
}
