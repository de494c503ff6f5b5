<?php

declare(strict_types=1);

namespace RrEmbed\Http;

use RrEmbed\Exception\ClientDisconnectedException;
use RrEmbed\Exception\NotInServerException;
use RrEmbed\Exception\TimeoutException;
use RrEmbed\Exception\TransportException;
use RrEmbed\Goridge\Frame;
use RrEmbed\Internal\ContextCodec;
use RrEmbed\Internal\Exchange;
use RrEmbed\Internal\JsonContext;
use RrEmbed\Internal\NotCopyable;
use RrEmbed\Internal\ProtobufContext;
use RrEmbed\Internal\WorkerChannel;

/**
 * Serves HTTP requests, one after the other.
 *
 *     exit((new RrEmbed\Http\Worker())->run(fn (RrEmbed\Http\Request $request) => "Hello {$request->path}"));
 */
final class Worker
{
    use NotCopyable;

    private readonly WorkerChannel $channel;
    private readonly ContextCodec $json;
    private readonly ContextCodec $protobuf;
    private ?Exchange $exchange = null;

    /**
     * @throws NotInServerException when no server started this process as a worker
     * @throws TransportException   when the relay of RR_RELAY cannot be reached
     */
    public function __construct()
    {
        $this->channel = WorkerChannel::current(self::class);
        $this->json = new JsonContext();
        $this->protobuf = new ProtobufContext();
    }

    /**
     * Waits for a request. A previous one without an answer gets 500, an open body ends.
     *
     * @param float|null $timeout seconds; null waits for as long as it takes, 0 only looks
     *
     * @return Request|null null when the server wants this worker to end: leave the loop
     *
     * @throws TimeoutException   when nothing came in time
     * @throws TransportException when the connection breaks or carries no frames
     */
    public function accept(?float $timeout = null): ?Request
    {
        if (null !== $this->exchange && !$this->exchange->isDone()) {
            $this->exchange->fail('the script asked for the next request and had not answered this one', 500);
        }
        $this->exchange = null;
        while (null !== $payload = $this->channel->next($timeout)) {
            $codec = match (true) {
                0 !== ($payload->flags & Frame::PROTO) => $this->protobuf,
                0 !== ($payload->flags & Frame::JSON) => $this->json,
                default => str_starts_with($payload->header, '{') ? $this->json : $this->protobuf,
            };
            try {
                $context = $codec->decode($payload->header);
            } catch (TransportException $error) {
                $this->channel->error($error->getMessage());
                continue;
            }
            $this->exchange = new Exchange($this->channel, $codec);

            return new Request($this->exchange, $context, $payload->body);
        }

        return null;
    }

    /**
     * Serves requests until the server wants this worker to end.
     *
     * What the handler returns is the answer: a body, pieces of a body, status, headers and body, or null when it has
     * answered through the request. What it throws becomes a 500, with the text in the server's log.
     *
     * @param callable(Request): (string|iterable<string>|array{int, array<string, string|list<string>>, string|iterable<string>}|void|null) $handler
     *
     * @return int 0, for exit()
     *
     * @throws TransportException when the connection breaks or carries no frames
     */
    public function run(callable $handler): int
    {
        while (null !== $request = $this->accept()) {
            try {
                /** @var string|iterable<string>|array{int, array<string, string|list<string>>, string|iterable<string>}|null $answer */
                $answer = $handler($request);
                if (null !== $answer) {
                    $this->answer($request, $answer);
                }
            } catch (TransportException $error) {
                throw $error;
            } catch (\Throwable $error) {
                $request->fail($error);
            }
        }

        return 0;
    }

    /**
     * A stream that is readable when accept(0) would return, for event loops. Only select on it.
     *
     * @return resource
     */
    public function ready(): mixed
    {
        return $this->channel->stream();
    }

    /**
     * @param string|iterable<string>|array{int, array<string, string|list<string>>, string|iterable<string>} $answer
     */
    private function answer(Request $request, string|iterable $answer): void
    {
        $status = 200;
        $headers = [];
        if (\is_array($answer) && \is_int($answer[0] ?? null)) {
            /** @var array{int, array<string, string|list<string>>, string|iterable<string>} $answer */
            [$status, $headers, $answer] = $answer;
        }
        if (\is_string($answer)) {
            $request->respond($status, $headers, $answer);

            return;
        }
        /** @var iterable<string> $answer */
        $body = $request->open($status, $headers);
        foreach ($answer as $chunk) {
            if ($body->write($chunk)) {
                continue;
            }
            if ($answer instanceof \Generator) {
                try {
                    $answer->throw(new ClientDisconnectedException('the client left'));
                } catch (ClientDisconnectedException) {
                    // It came through: the generator had nothing to clean up.
                }
            }
            break;
        }
        $body->end();
    }
}
