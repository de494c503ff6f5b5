<?php

declare(strict_types=1);

namespace RrEmbed\Bridge\Spiral;

use RrEmbed\Exception\InvalidStateException;
use RrEmbed\Http\BodyWriter;
use RrEmbed\Http\Psr7Worker as NativePsr7Worker;
use RrEmbed\Http\Request;
use Spiral\RoadRunner\Message\Command\StreamStop;
use Spiral\RoadRunner\Payload;
use Spiral\RoadRunner\StreamWorkerInterface;

/**
 * What the package's HttpWorker answers through while {@see Psr7Worker} has the loop: its payloads become answers of the request in
 * hand.
 *
 * @internal
 */
final class RequestWorker implements StreamWorkerInterface
{
    /** The request that $body answers. */
    private ?Request $request = null;
    private ?BodyWriter $body = null;
    private bool $isWanted = true;

    public function __construct(private readonly NativePsr7Worker $native)
    {
    }

    /**
     * @throws \LogicException always
     */
    public function waitPayload(): ?Payload
    {
        throw new \LogicException('RrEmbed\Bridge\Spiral\Psr7Worker takes the requests: use its waitRequest()');
    }

    /**
     * The same object: what it knows is of the request in hand.
     */
    public function withStreamMode(): static
    {
        return $this;
    }

    /**
     * @param int|null $codec flag of the codec of the header; anything but JSON is refused
     */
    public function respond(Payload $payload, ?int $codec = null): void
    {
        $request = $this->native->getRequest() ?? throw new InvalidStateException('no request waits for an answer');
        if ($request !== $this->request) {
            $this->request = $request;
            $this->body = null;
            $this->isWanted = true;
        }
        if (null === $this->body) {
            [$status, $headers] = self::head($payload->header);
            if ($status < 200) {
                $request->informational($status, $headers);

                return;
            }
            if ($payload->eos) {
                $request->respond($status, $headers, $payload->body);

                return;
            }
            $this->body = $request->open($status, $headers);
        }
        if ($payload->eos) {
            $this->body->end($payload->body);
        } elseif ('' !== $payload->body) {
            $this->isWanted = $this->body->write($payload->body);
        }
    }

    public function error(string $error): void
    {
        $this->native->fail($error);
    }

    /**
     * A fresh worker after this exchange.
     */
    public function stop(): void
    {
        \RrEmbed\recycle();
    }

    /**
     * @param class-string<Payload>|null $class
     */
    public function hasPayload(?string $class = null): bool
    {
        return null !== $this->getPayload($class);
    }

    /**
     * @param class-string<Payload>|null $class
     */
    public function getPayload(?string $class = null): ?Payload
    {
        return $this->isWanted || (null !== $class && StreamStop::class !== $class) ? null : new StreamStop('');
    }

    /**
     * @return array{int, array<string, list<string>>}
     */
    private static function head(string $header): array
    {
        $head = json_decode($header, true);
        if (!\is_array($head) || !\is_int($head['status'] ?? null) || !\is_array($head['headers'] ?? [])) {
            throw new \InvalidArgumentException('an answer needs a header with its status, in JSON');
        }
        $headers = [];
        foreach ($head['headers'] ?? [] as $name => $values) {
            foreach ((array) $values as $value) {
                $headers[(string) $name][] = \is_scalar($value) ? (string) $value : throw new \InvalidArgumentException("the header {$name} is no text");
            }
        }

        return [$head['status'], $headers];
    }
}
