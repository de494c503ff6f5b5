<?php

declare(strict_types=1);

namespace RrEmbed\Bridge\Spiral;

use RrEmbed\Codec;
use RrEmbed\Exception\RrEmbedException;
use RrEmbed\Exception\TimeoutException;
use RrEmbed\Exception\TransportException;
use RrEmbed\Worker;
use Spiral\Goridge\Exception\TransportException as SpiralTransportException;
use Spiral\RoadRunner\Exception\RoadRunnerException;
use Spiral\RoadRunner\Message\Command\StreamStop;
use Spiral\RoadRunner\Message\Command\WorkerStop;
use Spiral\RoadRunner\Payload;
use Spiral\RoadRunner\StreamWorkerInterface;

/**
 * The worker for RoadRunner's own packages, on the loop of {@see Worker}: no frames on a thread of the server, and no PING in
 * streams anywhere.
 *
 *     $http = new Spiral\RoadRunner\Http\HttpWorker(new NativeWorker());
 */
final class NativeWorker implements StreamWorkerInterface
{
    private readonly Worker $worker;

    /** Of all clones: withStreamMode() makes one for each stream. */
    private readonly NativeWorkerState $state;

    /**
     * @param Worker|null $worker null is the one this script is
     *
     * @throws \RrEmbed\Exception\NotInServerException when no server started this script as a worker
     */
    public function __construct(?Worker $worker = null)
    {
        $this->worker = $worker ?? Worker::current();
        $this->state = new NativeWorkerState();
    }

    public function waitPayload(): ?Payload
    {
        if (null !== $this->state->waiting) {
            $payload = $this->state->waiting;
            $this->state->waiting = null;
        } else {
            $payload = $this->next(null);
        }

        return $payload instanceof WorkerStop ? null : $payload;
    }

    public function withStreamMode(): static
    {
        return clone $this;
    }

    /**
     * @param int|null $codec flag of the codec of the header, which newer packages pass
     */
    public function respond(Payload $payload, ?int $codec = null): void
    {
        try {
            $this->worker->respond($payload->body, $payload->header, $payload->eos, null === $codec ? null : Codec::tryFrom($codec));
        } catch (RrEmbedException $error) {
            throw $this->translate($error);
        }
        $this->state->owes = !$payload->eos;
    }

    public function error(string $error): void
    {
        try {
            $this->worker->error($error);
        } catch (RrEmbedException $problem) {
            throw $this->translate($problem);
        }
        $this->state->owes = false;
    }

    public function stop(): void
    {
        try {
            $this->worker->stop();
        } catch (RrEmbedException $error) {
            throw $this->translate($error);
        }
        $this->state->owes = false;
    }

    /**
     * @param class-string<Payload>|null $class
     */
    public function hasPayload(?string $class = null): bool
    {
        return null !== $this->find($class);
    }

    /**
     * @param class-string<Payload>|null $class
     */
    public function getPayload(?string $class = null): ?Payload
    {
        $payload = $this->find($class);
        if ($payload instanceof StreamStop) {
            $this->state->sawStop = true;
        } elseif (null !== $payload) {
            $this->state->waiting = null;
        }

        return $payload;
    }

    /**
     * @param class-string<Payload>|null $class
     */
    private function find(?string $class): ?Payload
    {
        try {
            if ($this->state->owes) {
                $found = !$this->state->sawStop && $this->worker->cancelled() ? new StreamStop('') : null;
            } else {
                $found = $this->state->waiting ??= $this->peek();
            }
        } catch (RrEmbedException $error) {
            throw $this->translate($error);
        }

        return null === $class || $found instanceof $class ? $found : null;
    }

    private function peek(): ?Payload
    {
        try {
            return $this->next(0.0);
        } catch (RoadRunnerException $error) {
            if ($error->getPrevious() instanceof TimeoutException) {
                return null;
            }

            throw $error;
        }
    }

    private function next(?float $timeout): Payload
    {
        try {
            $payload = $this->worker->next($timeout);
        } catch (RrEmbedException $error) {
            throw $this->translate($error);
        }
        if (null === $payload) {
            return new WorkerStop(null, '{"stop":true}');
        }
        $this->state->owes = true;
        $this->state->sawStop = false;

        return new Payload($payload->body, $payload->header, $payload->last);
    }

    private function translate(RrEmbedException $error): SpiralTransportException|RoadRunnerException
    {
        return $error instanceof TransportException
            ? new SpiralTransportException($error->getMessage(), 0, $error)
            : new RoadRunnerException($error->getMessage(), 0, $error);
    }
}
