<?php

declare(strict_types=1);

namespace RrEmbed\Http;

use RrEmbed\Exception\InvalidStateException;
use RrEmbed\Exception\TransportException;
use RrEmbed\Internal\Exchange;
use RrEmbed\Internal\NotCopyable;

/**
 * The body of a response, piece by piece. Its destructor ends the body.
 */
final class BodyWriter
{
    use NotCopyable;

    /**
     * @internal made by {@see Request::open()}
     */
    public function __construct(private readonly Exchange $exchange)
    {
    }

    public function __destruct()
    {
        try {
            if (!$this->exchange->isDone()) {
                $this->exchange->end('');
            }
        } catch (TransportException) {
            // Nobody to tell here; the next accept() meets the same broken connection.
        }
    }

    /**
     * Sends a piece; the first one takes the headers along. Blocks while the client reads slower than this writes.
     *
     * @return bool false when the client is gone: stop producing
     *
     * @throws InvalidStateException after the end of the body
     * @throws TransportException    when the server cannot be reached
     */
    public function write(string $chunk): bool
    {
        return '' === $chunk || $this->exchange->write($chunk);
    }

    /**
     * Sends the headers now if no piece did; pieces never wait.
     *
     * @throws InvalidStateException after the end of the body
     * @throws TransportException    when the server cannot be reached
     */
    public function flush(): void
    {
        $this->exchange->flush();
    }

    /**
     * Sets headers that follow the body. Clients of HTTP/1.0, and responses with a Content-Length, go without.
     *
     * @param array<string, string|list<string>> $headers
     *
     * @throws InvalidStateException after the end of the body
     * @throws \ValueError           when one contains CR, LF or NUL
     */
    public function trailers(array $headers): void
    {
        $this->exchange->trailers($headers);
    }

    /**
     * Ends the body.
     *
     * @throws InvalidStateException after the end of the body
     * @throws TransportException    when the server cannot be reached
     */
    public function end(string $last = ''): void
    {
        $this->exchange->end($last);
    }
}
