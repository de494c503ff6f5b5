<?php

declare(strict_types=1);

namespace RrEmbed\Jobs;

use RrEmbed\Exception\InvalidStateException;
use RrEmbed\Exception\TransportException;
use RrEmbed\Exception\UnsupportedException;
use RrEmbed\Internal\JobMessage;
use RrEmbed\Internal\NotCopyable;
use RrEmbed\Internal\WorkerChannel;

/**
 * A job that this worker has, and owes one answer.
 */
final class Job
{
    use NotCopyable;

    private bool $answered = false;

    /**
     * @internal made by {@see Consumer::next()}
     *
     * @param array<array-key, list<string>> $headers
     * @param int|null                       $attempt from 1; null where the server does not count
     */
    public function __construct(
        private readonly WorkerChannel $channel,
        public readonly string $id,
        public readonly string $name,
        public readonly string $payload,
        public readonly string $pipeline,
        public readonly string $queue,
        public readonly string $driver,
        public readonly array $headers,
        public readonly ?int $attempt = null,
    ) {
    }

    /**
     * @return string|null its values joined by ', '; null when there is no such header
     */
    public function header(string $name): ?string
    {
        foreach ($this->headers as $header => $values) {
            if (0 === strcasecmp((string) $header, $name)) {
                return implode(', ', $values);
            }
        }

        return null;
    }

    /**
     * The job is done.
     *
     * @throws InvalidStateException when it has its answer
     * @throws TransportException    when the server cannot be reached
     */
    public function ack(): void
    {
        $this->answer(2, []);
    }

    public function answered(): bool
    {
        return $this->answered;
    }

    /**
     * The job has failed.
     *
     * @param bool  $requeue whether it is to run again
     * @param float $delay   seconds until then, rounded up to whole ones
     *
     * @throws InvalidStateException when it has its answer
     * @throws TransportException    when the server cannot be reached
     * @throws \ValueError           when the delay is negative
     */
    public function nack(string|\Throwable $reason = '', bool $requeue = false, float $delay = 0): void
    {
        $this->answer(3, ['message' => self::text($reason), 'requeue' => $requeue, 'delay_seconds' => self::delay($delay, 'nack(): Argument #3')]);
    }

    /**
     * The job is to run again.
     *
     * @param float                              $delay   seconds until then, rounded up to whole ones
     * @param array<string, string|list<string>> $headers beside those it has; one of the same name replaces
     *
     * @throws InvalidStateException when it has its answer
     * @throws TransportException    when the server cannot be reached
     * @throws \ValueError           when the delay is negative
     */
    public function requeue(string|\Throwable $reason = '', float $delay = 0, array $headers = []): void
    {
        $data = ['message' => self::text($reason), 'delay_seconds' => self::delay($delay, 'requeue(): Argument #2')];
        $all = $headers + $this->headers;
        if ([] !== $all) {
            $data['headers'] = (object) array_map(static fn (string|array $values): array => array_map(strval(...), (array) $values), $all);
        }
        $this->answer(4, $data);
    }

    /**
     * Asks for more time: puts off the end of exec_ttl and the moment at which the broker gives the job to another.
     *
     * @param float|null $seconds null: as much as at the start
     *
     * @return bool false when the job is lost already
     *
     * @throws UnsupportedException always: no server takes this from a process
     */
    public function keepAlive(?float $seconds = null): bool
    {
        throw new UnsupportedException('RrEmbed\Jobs\Job::keepAlive() needs a server that prolongs jobs, and this one does not');
    }

    /**
     * @param array<string, mixed> $data
     */
    private function answer(int $type, array $data): void
    {
        if ($this->answered) {
            throw new InvalidStateException('the job has its answer');
        }
        $json = json_encode(['type' => $type, 'data' => $data], \JSON_THROW_ON_ERROR | \JSON_INVALID_UTF8_SUBSTITUTE);
        $this->channel->respond($json, '', true);
        $this->answered = true;
    }

    private static function text(string|\Throwable $reason): string
    {
        return (string) $reason;
    }

    private static function delay(float $delay, string $argument): int
    {
        return $delay >= 0 ? JobMessage::seconds($delay) : throw new \ValueError("RrEmbed\\Jobs\\Job::{$argument} (\$delay) must be greater than or equal to 0");
    }
}
