<?php

declare(strict_types=1);

namespace RrEmbed\Internal;

use RrEmbed\Exception\InvalidStateException;
use RrEmbed\Exception\NotInServerException;
use RrEmbed\Exception\TimeoutException;
use RrEmbed\Exception\TransportException;
use RrEmbed\Goridge\Frame;
use RrEmbed\Goridge\Relay;
use RrEmbed\Goridge\RelayFactory;
use RrEmbed\Payload;

/**
 * The worker's end of goridge: requests in, one answer each out, control frames handled on the way.
 *
 * One per process, shared by {@see \RrEmbed\Worker} and {@see \RrEmbed\Http\Worker}. It knows whether an answer is
 * owed: bytes that the server did not ask for would end this process.
 *
 * Of the stream bits it understands STOP and skips PONG. It never sends PING: that exists for relays that cannot be
 * polled, and a select before each chunk sees STOP earlier and costs less than a PONG for every fifth.
 *
 * @internal
 */
final class WorkerChannel
{
    /** The context that asks the server to give the request to another worker and to replace this one. */
    private const STOP_CONTEXT = '{"stop":true}';
    private const CODECS = Frame::RAW | Frame::JSON | Frame::MSGPACK | Frame::GOB | Frame::PROTO;

    private static ?self $current = null;

    private bool $owes = false;
    private bool $cancelled = false;
    private bool $stopping = false;
    private int $codec = 0;

    public function __construct(private readonly Relay $relay)
    {
    }

    /**
     * The channel of this process. The first call opens the relay of RR_RELAY and takes standard output.
     *
     * @param string $api the name that an exception blames
     *
     * @throws NotInServerException when no server started this process as a worker
     * @throws TransportException   when the relay cannot be reached
     */
    public static function current(string $api): self
    {
        if (null === self::$current) {
            if (!Environment::isWorker()) {
                throw Environment::notInServer($api);
            }
            $relay = Environment::get('RR_RELAY');
            self::$current = new self(RelayFactory::create('' === $relay ? 'pipes' : $relay));
            StrayOutput::redirect();
        }

        return self::$current;
    }

    /**
     * Makes $channel the one of this process; null forgets it. For tests.
     */
    public static function install(?self $channel): void
    {
        self::$current = $channel;
    }

    /**
     * Waits for a request.
     *
     * @param float|null $timeout seconds; null waits for as long as it takes
     *
     * @return Payload|null null when this worker is to end
     *
     * @throws TimeoutException      when nothing came in time
     * @throws InvalidStateException while the previous request has no answer
     * @throws TransportException    when the connection breaks or carries no frames
     */
    public function next(?float $timeout): ?Payload
    {
        if ($this->owes) {
            throw new InvalidStateException('the previous request has no answer yet');
        }
        $this->cancelled = false;
        $deadline = null === $timeout ? null : microtime(true) + $timeout;
        while (!$this->stopping) {
            if (null !== $deadline && !$this->relay->wait(max(0.0, $deadline - microtime(true)))) {
                throw new TimeoutException(\sprintf('no request within %g s', $timeout));
            }
            $frame = $this->relay->receive();
            if (null === $frame) {
                // The server closed the pipe instead of saying stop: the same to us, and final.
                $this->stopping = true;
            } elseif (0 !== ($frame->flags & Frame::CONTROL)) {
                $this->control($frame->payload);
            } elseif (0 === ($frame->stream & (Frame::STOP | Frame::PONG))) {
                return $this->request($frame);
            }
        }

        return null;
    }

    /**
     * @param int|null $codec flags of the answer; null repeats the codec of the request
     *
     * @throws InvalidStateException when no answer is owed
     * @throws TransportException    when the server cannot be reached
     */
    public function respond(string $body, string $header, bool $last, ?int $codec = null): void
    {
        $this->assertOwed();
        $this->owes = !$last;
        $this->relay->send(new Frame($header.$body, [\strlen($header)], $codec ?? $this->codec, $last ? 0 : Frame::STREAM));
    }

    /**
     * @throws InvalidStateException when no answer is owed
     * @throws TransportException    when the server cannot be reached
     */
    public function error(string $message): void
    {
        $this->assertOwed();
        $this->owes = false;
        $this->relay->send(new Frame($message, [], Frame::ERROR));
    }

    /**
     * @throws TransportException when the server cannot be reached
     */
    public function stop(): void
    {
        if (!$this->owes) {
            $this->stopping = true;

            return;
        }
        // The server answers with a stop frame, which next() returns as null.
        $this->owes = false;
        $this->relay->send(new Frame(self::STOP_CONTEXT, [\strlen(self::STOP_CONTEXT)]));
    }

    /**
     * Ends the loop after the current exchange.
     */
    public function recycle(): void
    {
        $this->stopping = true;
    }

    /**
     * Whether the server said that nobody wants the rest of this answer. Never blocks.
     *
     * @throws TransportException when the connection breaks or carries no frames
     */
    public function cancelled(): bool
    {
        while ($this->owes && !$this->cancelled && $this->relay->wait(0.0)) {
            $frame = $this->relay->receive() ?? throw new TransportException('the server is gone');
            if (0 !== ($frame->flags & Frame::CONTROL)) {
                $this->control($frame->payload);
            } elseif (0 !== ($frame->stream & Frame::STOP)) {
                $this->cancelled = true;
            } elseif (0 === ($frame->stream & Frame::PONG)) {
                throw new TransportException('the server sent a request before the answer to the previous one was complete');
            }
        }

        return $this->cancelled;
    }

    /**
     * The stream that becomes readable with the next request. Only to be selected on.
     *
     * @return resource
     */
    public function stream(): mixed
    {
        return $this->relay->stream();
    }

    private function request(Frame $frame): Payload
    {
        $length = $frame->options[0] ?? throw new TransportException('malformed request: a frame without the option that splits its payload');
        if ($length > \strlen($frame->payload)) {
            throw new TransportException("malformed request: a context of {$length} bytes in a payload of ".\strlen($frame->payload));
        }
        $this->owes = true;
        $this->codec = $frame->flags & self::CODECS;

        return new Payload(
            substr($frame->payload, $length),
            substr($frame->payload, 0, $length),
            0 === ($frame->stream & Frame::STREAM),
            $frame->flags,
        );
    }

    private function control(string $json): void
    {
        $command = json_decode($json, true);
        if (!\is_array($command)) {
            throw new TransportException('invalid control frame, JSON is expected: '.json_last_error_msg());
        }
        if ($command['stop'] ?? false) {
            $this->stopping = true;
        } elseif ($command['pid'] ?? false) {
            $this->relay->send(new Frame(\sprintf('{"pid":%d}', getmypid()), [], Frame::CONTROL));
        } else {
            throw new TransportException('invalid control frame: neither stop nor pid');
        }
    }

    private function assertOwed(): void
    {
        if (!$this->owes) {
            throw new InvalidStateException('no request waits for an answer: it was answered already, or none was taken');
        }
    }
}
