<?php

declare(strict_types=1);

namespace RrEmbed;

use RrEmbed\Internal\NotCopyable;
use RrEmbed\Internal\WorkerChannel;

/**
 * The raw loop of a worker: bytes in, bytes out, one request at a time.
 *
 *     $worker = RrEmbed\Worker::current();
 *     while ($payload = $worker->next()) {
 *         $worker->respond(strrev($payload->body));
 *     }
 */
final class Worker
{
    use NotCopyable;

    private static ?self $current = null;

    private function __construct(private readonly WorkerChannel $channel)
    {
    }

    /**
     * The worker that this process is.
     *
     * The first call takes over STDIN and STDOUT: from then on echo and print go to STDERR.
     *
     * @throws Exception\NotInServerException when no server started this process as a worker
     * @throws Exception\TransportException   when the relay of RR_RELAY cannot be reached
     */
    public static function current(): self
    {
        $channel = WorkerChannel::current(self::class);
        if (null === self::$current || self::$current->channel !== $channel) {
            self::$current = new self($channel);
        }

        return self::$current;
    }

    /**
     * Waits for the next request.
     *
     * @param float|null $timeout seconds; null waits for as long as it takes, 0 only looks
     *
     * @return Payload|null null when the server wants this worker to end: leave the loop
     *
     * @throws Exception\TimeoutException      when nothing came in time
     * @throws Exception\InvalidStateException while the previous request has no answer
     * @throws Exception\TransportException    when the connection breaks or carries no frames
     */
    public function next(?float $timeout = null): ?Payload
    {
        return $this->channel->next($timeout);
    }

    /**
     * Answers the request, or sends one piece of the answer.
     *
     * @param string     $header the context of the answer, in $codec
     * @param bool       $last   false when more pieces follow
     * @param Codec|null $codec  null repeats the codec of the request
     *
     * @throws Exception\InvalidStateException when no request waits for an answer
     * @throws Exception\TransportException    when the server cannot be reached
     */
    public function respond(string $body, string $header = '', bool $last = true, ?Codec $codec = null): void
    {
        $this->channel->respond($body, $header, $last, $codec?->value);
    }

    /**
     * Answers the request with an error; the worker goes on.
     *
     * @throws Exception\InvalidStateException when no request waits for an answer
     * @throws Exception\TransportException    when the server cannot be reached
     */
    public function error(string $message): void
    {
        $this->channel->error($message);
    }

    /**
     * Asks to be replaced. A request that waits for an answer is given to another worker; next() returns null.
     *
     * @throws Exception\TransportException when the server cannot be reached
     */
    public function stop(): void
    {
        $this->channel->stop();
    }

    /**
     * Whether nobody wants the rest of the answer any more. Never blocks.
     *
     * @throws Exception\TransportException when the connection breaks or carries no frames
     */
    public function cancelled(): bool
    {
        return $this->channel->cancelled();
    }
}
