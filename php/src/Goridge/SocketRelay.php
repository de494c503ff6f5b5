<?php

declare(strict_types=1);

namespace RrEmbed\Goridge;

use RrEmbed\Exception\TransportException;

/**
 * Frames over a socket that this side dials. Needs no ext-sockets.
 */
final class SocketRelay implements Relay
{
    private readonly StreamRelay $frames;

    /**
     * @param string $address `tcp://host:port` or `unix:///path`
     * @param float  $timeout seconds to connect in
     *
     * @throws TransportException when nobody answers there in time
     */
    public function __construct(public readonly string $address, float $timeout = 5.0)
    {
        $context = stream_context_create(['socket' => ['tcp_nodelay' => true]]);
        $started = microtime(true);
        $socket = @stream_socket_client($address, $code, $reason, $timeout, \STREAM_CLIENT_CONNECT, $context);
        if (false === $socket) {
            throw new TransportException(\sprintf('cannot connect to %s: %s (after %.3f s)', $address, $reason, microtime(true) - $started), (int) $code);
        }
        // Else a read gives up after default_socket_timeout, and idle workers with it.
        stream_set_timeout($socket, -1);
        $this->frames = new StreamRelay($socket, $socket);
    }

    public function receive(): ?Frame
    {
        return $this->frames->receive();
    }

    public function send(Frame $frame): void
    {
        $this->frames->send($frame);
    }

    public function wait(?float $timeout): bool
    {
        return $this->frames->wait($timeout);
    }

    public function stream(): mixed
    {
        return $this->frames->stream();
    }
}
