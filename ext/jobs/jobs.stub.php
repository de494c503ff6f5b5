<?php

/**
 * Jobs: pushed to pipelines, run by workers.
 *
 * @generate-class-entries
 */

namespace RrEmbed\Jobs {

    /**
     * How a job is queued.
     */
    final readonly class Options
    {
        public readonly int $priority;
        public readonly float $delay;
        public readonly bool $autoAck;
        public readonly ?string $id;
        public readonly array $headers;
        public readonly array $driver;

        /**
         * @param int $priority the smaller the earlier; 0 is the pipeline's
         * @param float $delay seconds until it may run, rounded up to whole ones
         * @param bool $autoAck done as soon as a worker has it
         * @param string|null $id null: a fresh UUID
         * @param array $headers a text or a list of texts by name
         * @param array $driver of kafka: topic, metadata, offset, partition
         *
         * @throws \ValueError when the delay is negative, the id is empty, or the driver has no such option
         */
        public function __construct(int $priority = 0, float $delay = 0, bool $autoAck = false, ?string $id = null, array $headers = [], array $driver = []) {}
    }

    /**
     * What Queue::stats() tells of a pipeline.
     */
    final readonly class Stats
    {
        public readonly string $pipeline;
        public readonly string $driver;
        /** Its name at the broker. */
        public readonly string $queue;
        /** Jobs that wait. */
        public readonly int $active;
        /** Jobs whose time has not come. */
        public readonly int $delayed;
        /** Jobs that workers have. */
        public readonly int $reserved;
        public readonly int $priority;
        /** Whether it is consumed; false while it is paused. */
        public readonly bool $ready;

        public function __construct(string $pipeline, string $driver, string $queue, int $active, int $delayed, int $reserved, int $priority, bool $ready) {}
    }

    /**
     * A pipeline that jobs are pushed to.
     *
     *     $id = (new RrEmbed\Jobs\Queue('mail'))->push('welcome', json_encode(['user' => 7]), new RrEmbed\Jobs\Options(delay: 60));
     *
     * Every method throws NotInServerException when there is no server to ask, ServiceException with the server's text, TransportException
     * when it cannot be reached and TimeoutException when it does not answer in time.
     *
     * @strict-properties
     * @not-serializable
     */
    final class Queue
    {
        /**
         * @param string $pipeline its name in `jobs.pipelines`, or one that was declared
         * @param Options|null $defaults of jobs that are pushed without any
         * @param \RrEmbed\Rpc|null $rpc null is the server this script belongs to, looked for with the first call
         */
        public function __construct(string $pipeline, ?Options $defaults = null, ?\RrEmbed\Rpc $rpc = null) {}

        /**
         * @param string $name what kind of job it is
         * @param string $payload any bytes
         *
         * @return string the job's id
         */
        public function push(string $name, string $payload, ?Options $options = null): string {}

        /**
         * Pushes many with one call: each an array of name, payload and, where it has some, Options.
         *
         * @return array the ids
         */
        public function pushMany(iterable $jobs): array {}

        /** Jobs are taken no more; they may still be pushed. */
        public function pause(): void {}

        public function resume(): void {}

        /** @throws \RrEmbed\Exception\ServiceException also when there is no such pipeline */
        public function stats(): Stats {}

        /**
         * Makes a pipeline in the running server, until it ends.
         *
         * @param array $config of the driver, as below `config` in the file, and priority (10)
         *
         * @throws \ValueError when a value has no form that can be sent
         */
        public static function declare(string $pipeline, string $driver, array $config = []): Queue {}

        /** @return array the names of all pipelines */
        public static function list(): array {}
    }

    /**
     * Runs the jobs that the server has for this worker.
     *
     *     exit((new RrEmbed\Jobs\Consumer())->run(function (RrEmbed\Jobs\Job $job): void {
     *         send_mail(json_decode($job->payload, true));
     *     }));
     *
     * @strict-properties
     * @not-serializable
     */
    final class Consumer
    {
        /**
         * Waits for a job. One before it that has no answer fails, with a warning.
         *
         * @param float|null $timeout seconds; null waits for as long as it takes, 0 only looks
         *
         * @return Job|null null when the server wants this worker to end: leave the loop
         *
         * @throws \RrEmbed\Exception\NotInServerException outside a worker
         * @throws \RrEmbed\Exception\TimeoutException when nothing came in time
         */
        public function next(?float $timeout = null): ?Job {}

        /**
         * Runs jobs until the server wants this worker to end. A handler that returns has done its job, unless it answered itself; one that
         * throws has failed it.
         *
         * @param callable $handler called with the Job, its result is ignored
         * @param bool $requeueOnError whether a failed job is to run again
         *
         * @return int 0, for exit()
         *
         * @throws \RrEmbed\Exception\NotInServerException outside a worker
         */
        public function run(callable $handler, bool $requeueOnError = false): int {}
    }

    /**
     * A job that this worker has, and owes one answer.
     *
     * @strict-properties
     * @not-serializable
     */
    final class Job
    {
        public readonly string $id;
        public readonly string $name;
        public readonly string $payload;
        public readonly string $pipeline;
        public readonly string $queue;
        public readonly string $driver;
        public readonly array $headers;
        /** From 1; null where the server does not count. */
        public readonly ?int $attempt;

        private function __construct() {}

        /** @return string|null its values joined by ", "; null when there is no such header */
        public function header(string $name): ?string {}

        /**
         * The job is done.
         *
         * @throws \RrEmbed\Exception\InvalidStateException when it has its answer
         */
        public function ack(): void {}

        public function answered(): bool {}

        /**
         * The job has failed.
         *
         * @param bool $requeue whether it is to run again
         * @param float $delay seconds until then, rounded up to whole ones
         *
         * @throws \RrEmbed\Exception\InvalidStateException when it has its answer
         * @throws \ValueError when the delay is negative
         */
        public function nack(string|\Throwable $reason = '', bool $requeue = false, float $delay = 0): void {}

        /**
         * The job is to run again.
         *
         * @param float $delay seconds until then, rounded up to whole ones
         * @param array $headers beside those it has; one of the same name replaces
         *
         * @throws \RrEmbed\Exception\InvalidStateException when it has its answer
         * @throws \ValueError when the delay is negative
         */
        public function requeue(string|\Throwable $reason = '', float $delay = 0, array $headers = []): void {}

        /**
         * Asks for more time: puts off the end of exec_ttl and the moment at which the broker gives the job to another.
         *
         * @param float|null $seconds null: as much as at the start
         *
         * @return bool false when the job is lost already
         *
         * @throws \RrEmbed\Exception\UnsupportedException always: no server takes this yet
         */
        public function keepAlive(?float $seconds = null): bool {}
    }
}
