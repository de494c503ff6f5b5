<?php

declare(strict_types=1);

namespace RrEmbed\Jobs;

use RrEmbed\Exception\NotInServerException;
use RrEmbed\Exception\TimeoutException;
use RrEmbed\Exception\TransportException;
use RrEmbed\Internal\NotCopyable;
use RrEmbed\Internal\WorkerChannel;

/**
 * Runs the jobs that the server has for this worker.
 *
 *     exit((new RrEmbed\Jobs\Consumer())->run(function (RrEmbed\Jobs\Job $job): void {
 *         send_mail(json_decode($job->payload, true));
 *     }));
 */
final class Consumer
{
    use NotCopyable;

    private ?WorkerChannel $channel = null;
    private ?Job $job = null;

    /**
     * Waits for a job. One before it that has no answer fails, with a warning.
     *
     * @param float|null $timeout seconds; null waits for as long as it takes, 0 only looks
     *
     * @return Job|null null when the server wants this worker to end: leave the loop
     *
     * @throws NotInServerException when no server started this process as a worker
     * @throws TimeoutException     when nothing came in time
     * @throws TransportException   when the connection breaks or carries no frames
     */
    public function next(?float $timeout = null): ?Job
    {
        $channel = $this->channel ??= WorkerChannel::current(self::class);
        if (null !== $this->job && !$this->job->answered()) {
            trigger_error("RrEmbed\\Jobs\\Consumer::next(): the job {$this->job->id} was left without an answer: it fails", \E_USER_WARNING);
            $this->job->nack('the worker asked for the next job and had not answered this one');
        }
        $this->job = null;
        while (null !== $payload = $channel->next($timeout)) {
            $context = json_decode($payload->header, true);
            if (!\is_array($context)) {
                $channel->error('malformed job context: '.json_last_error_msg());
                continue;
            }
            $text = static fn (string $key): string => \is_scalar($context[$key] ?? null) ? (string) $context[$key] : '';

            return $this->job = new Job($channel, $text('id'), $text('job'), $payload->body, $text('pipeline'), $text('queue'), $text('driver'), self::headers($context['headers'] ?? null));
        }

        return null;
    }

    /**
     * Runs jobs until the server wants this worker to end. A handler that returns has done its job, unless it answered itself; one
     * that throws has failed it.
     *
     * @param callable(Job): mixed $handler        its result is ignored
     * @param bool                 $requeueOnError whether a failed job is to run again
     *
     * @return int 0, for exit()
     *
     * @throws NotInServerException when no server started this process as a worker
     * @throws TransportException   when the connection breaks or carries no frames
     */
    public function run(callable $handler, bool $requeueOnError = false): int
    {
        while (null !== $job = $this->next()) {
            try {
                $handler($job);
                if (!$job->answered()) {
                    $job->ack();
                }
            } catch (\Throwable $error) {
                // Of RPC or of the handler. A broken relay throws here again, and ends the loop.
                if (!$job->answered()) {
                    $job->nack($error, $requeueOnError);
                }
            }
        }

        return 0;
    }

    /**
     * @return array<array-key, list<string>>
     */
    private static function headers(mixed $headers): array
    {
        $lists = [];
        foreach (\is_array($headers) ? $headers : [] as $name => $values) {
            $lists[$name] = [];
            foreach (\is_array($values) ? $values : [] as $value) {
                $lists[$name][] = \is_scalar($value) ? (string) $value : '';
            }
        }

        return $lists;
    }
}
