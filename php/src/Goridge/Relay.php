<?php

declare(strict_types=1);

namespace RrEmbed\Goridge;

use RrEmbed\Exception\TransportException;

/**
 * Carries frames to and from a server. One reader and one writer at a time.
 */
interface Relay
{
    /**
     * Blocks until a whole frame is there.
     *
     * @return Frame|null null once the peer has closed between two frames
     *
     * @throws TransportException when the bytes are not a frame, or the peer closes inside one
     */
    public function receive(): ?Frame;

    /**
     * Blocks until the whole frame is written.
     *
     * @throws TransportException when the peer is gone
     */
    public function send(Frame $frame): void;

    /**
     * Whether receive() would find something: a frame, or the end.
     *
     * @param float|null $timeout seconds to wait for it; 0 only looks, null waits for as long as it takes
     */
    public function wait(?float $timeout): bool;

    /**
     * The stream that becomes readable with the next frame, for event loops. It stays the relay's: only select on it.
     *
     * @return resource
     */
    public function stream(): mixed;
}
