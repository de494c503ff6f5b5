<?php

declare(strict_types=1);

namespace RrEmbed\Internal;

use RrEmbed\Exception\InvalidStateException;
use RrEmbed\Exception\TransportException;

/**
 * One HTTP request and its one answer, on the wire. What {@see \RrEmbed\Http\Request} and its BodyWriter share.
 *
 * @internal
 */
final class Exchange
{
    /** Nothing but interim responses was sent. */
    private const OPEN = 0;
    /** A body writer has the answer; its head is sent or waits for the first byte. */
    private const STREAMING = 1;
    private const DONE = 2;

    private int $state = self::OPEN;
    private bool $interim = false;
    private bool $headSent = false;
    private int $status = 200;
    /** @var array<string, list<string>> */
    private array $headers = [];
    /** @var array<string, list<string>> */
    private array $trailers = [];

    public function __construct(private readonly WorkerChannel $channel, private ContextCodec $codec)
    {
    }

    /**
     * @param array<array-key, mixed> $headers
     *
     * @throws InvalidStateException when there is an answer already
     * @throws \ValueError           when a header or the status cannot be sent
     * @throws TransportException    when the server cannot be reached
     */
    public function respond(int $status, array $headers, string $body): void
    {
        $this->assertOpen();
        self::assertFinal($status);
        $context = $this->encode($status, self::checked($headers));
        $this->state = self::DONE;
        $this->send($body, $context, true);
    }

    /**
     * @param array<array-key, mixed> $headers
     *
     * @throws InvalidStateException when there is an answer already
     * @throws \ValueError           when a header or the status cannot be sent
     */
    public function open(int $status, array $headers): void
    {
        $this->assertOpen();
        self::assertFinal($status);
        $this->headers = self::checked($headers);
        $this->status = $status;
        $this->state = self::STREAMING;
    }

    /**
     * @return bool false when the client is gone: nothing was sent
     *
     * @throws InvalidStateException after the end
     * @throws TransportException    when the server cannot be reached
     */
    public function write(string $chunk): bool
    {
        if (self::STREAMING !== $this->state) {
            throw new InvalidStateException('the body has ended');
        }
        if ($this->channel->cancelled()) {
            return false;
        }
        $this->send($chunk, $this->head(), false);

        return true;
    }

    /**
     * Sends the head if nothing did.
     *
     * @throws InvalidStateException after the end
     * @throws TransportException    when the server cannot be reached
     */
    public function flush(): void
    {
        if (!$this->headSent || self::STREAMING !== $this->state) {
            $this->write('');
        }
    }

    /**
     * @param array<array-key, mixed> $trailers
     *
     * @throws InvalidStateException after the end
     * @throws \ValueError           when a trailer cannot be sent
     */
    public function trailers(array $trailers): void
    {
        if (self::STREAMING !== $this->state) {
            throw new InvalidStateException('the body has ended');
        }
        $this->trailers = self::checked($trailers) + $this->trailers;
    }

    /**
     * @throws InvalidStateException after the end
     * @throws TransportException    when the server cannot be reached
     */
    public function end(string $last): void
    {
        if (self::STREAMING !== $this->state) {
            throw new InvalidStateException('the body has ended');
        }
        if ([] !== $this->trailers && !$this->headSent) {
            // An answer in one frame gets a Content-Length, and then the server drops trailers.
            $this->write($last);
            $last = '';
        }
        $this->state = self::DONE;
        $this->channel->cancelled() ? $this->send('', '', true) : $this->send($last, $this->head(), true);
    }

    /**
     * @param array<array-key, mixed> $headers
     *
     * @return bool false when it is too late for it, or the client is gone
     *
     * @throws \ValueError        when a header or the status cannot be sent
     * @throws TransportException when the server cannot be reached
     */
    public function informational(int $status, array $headers): bool
    {
        if ($status < 100 || $status > 199 || 101 === $status) {
            throw new \ValueError("{$status} is not the status of an interim response");
        }
        $headers = self::checked($headers);
        if (self::DONE === $this->state || $this->headSent || $this->channel->cancelled()) {
            return false;
        }
        $this->interim = true;
        $this->send('', $this->encode($status, $headers), false);

        return true;
    }

    /**
     * Ends the exchange because something went wrong. What can still be said to the client is said; the error's text goes to the server's log.
     *
     * @throws TransportException when the server cannot be reached
     */
    public function fail(string $error, int $status): void
    {
        if (self::OPEN === $this->state && !$this->interim && 500 === $status) {
            // The server logs it, and knows what its operator wants clients to see. Inside a stream it would end this worker.
            $this->state = self::DONE;
            $this->channel->error($error);

            return;
        }
        file_put_contents('php://stderr', $error."\n");
        if (self::OPEN === $this->state) {
            $this->respond($status, [], '');
        } elseif (self::STREAMING === $this->state) {
            $this->end('');
        }
    }

    public function isOpen(): bool
    {
        return self::OPEN === $this->state;
    }

    public function isDone(): bool
    {
        return self::DONE === $this->state;
    }

    private function send(string $body, string $context, bool $last): void
    {
        $this->channel->respond($body, $context, $last, $this->codec->flag());
    }

    /**
     * The context of the next frame of a stream: the head once, then nothing, and trailers that came later at the end.
     */
    private function head(): string
    {
        $headers = $this->headSent ? [] : $this->headers;
        if ([] !== $this->trailers) {
            // The server moves the headers that Trailer names behind the body.
            $headers['Trailer'] = array_map(strval(...), array_keys($this->trailers));
            $headers += $this->trailers;
            $this->trailers = [];
        } elseif ($this->headSent) {
            return '';
        }
        $this->headSent = true;
        $this->headers = [];

        return $this->encode($this->status, $headers);
    }

    /**
     * @param array<string, list<string>> $headers
     */
    private function encode(int $status, array $headers): string
    {
        $context = $this->codec->encode($status, $headers);
        if (null === $context) {
            // Header bytes that JSON cannot carry. A server that speaks JSON takes both.
            $this->codec = new ProtobufContext();
            $context = $this->codec->encode($status, $headers);
        }

        return $context;
    }

    private function assertOpen(): void
    {
        if (self::OPEN !== $this->state) {
            throw new InvalidStateException('the request has an answer already');
        }
    }

    private static function assertFinal(int $status): void
    {
        if ($status < 200 || $status > 599) {
            throw new \ValueError("{$status} is not the status of a response");
        }
    }

    /**
     * The headers with lists for values.
     *
     * @param array<array-key, mixed> $headers string, or list of strings, by name
     *
     * @return array<string, list<string>>
     *
     * @throws \ValueError when a byte in them would start another header, or they are no strings
     */
    private static function checked(array $headers): array
    {
        $checked = [];
        foreach ($headers as $name => $values) {
            $name = (string) $name;
            if ('' === $name || false !== strpbrk($name, "\r\n\0:")) {
                throw new \ValueError('a header name must not be empty or contain CR, LF, NUL or a colon');
            }
            $list = [];
            foreach (\is_array($values) ? $values : [$values] as $value) {
                if (!\is_string($value)) {
                    if (!\is_int($value) && !\is_float($value) && !$value instanceof \Stringable) {
                        throw new \ValueError("the header {$name} must be a string or a list of strings");
                    }
                    $value = (string) $value;
                }
                if (false !== strpbrk($value, "\r\n\0")) {
                    throw new \ValueError("the header {$name} must not contain CR, LF or NUL");
                }
                $list[] = $value;
            }
            $checked[$name] = $list;
        }

        /** @var array<string, list<string>> $checked names that look like numbers are integers */
        return $checked;
    }
}
