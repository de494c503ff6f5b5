<?php

declare(strict_types=1);

namespace RrEmbed\Jobs;

use RrEmbed\Exception\ServiceException;
use RrEmbed\Internal\Caller;
use RrEmbed\Internal\JobMessage;
use RrEmbed\Internal\NotCopyable;
use RrEmbed\Internal\Protobuf;
use RrEmbed\Rpc;

/**
 * A pipeline that jobs are pushed to.
 *
 *     $id = (new RrEmbed\Jobs\Queue('mail'))->push('welcome', json_encode(['user' => 7]), new RrEmbed\Jobs\Options(delay: 60));
 *
 * Every method throws {@see \RrEmbed\Exception\NotInServerException} when the environment names no server,
 * {@see ServiceException} with the server's text, {@see \RrEmbed\Exception\TransportException} when it cannot be reached and
 * {@see \RrEmbed\Exception\TimeoutException} when it does not answer in time.
 */
final class Queue
{
    use NotCopyable;

    private readonly Options $defaults;
    private readonly Caller $server;

    /**
     * @param string       $pipeline its name in `jobs.pipelines`, or one that was declared
     * @param Options|null $defaults of jobs that are pushed without any
     * @param Rpc|null     $rpc      null is the server this script belongs to, looked for with the first call
     */
    public function __construct(private readonly string $pipeline, ?Options $defaults = null, ?Rpc $rpc = null)
    {
        $this->defaults = $defaults ?? new Options();
        $this->server = new Caller($rpc, self::class);
    }

    /**
     * @param string $name    what kind of job it is
     * @param string $payload any bytes
     *
     * @return string the job's id
     */
    public function push(string $name, string $payload, ?Options $options = null): string
    {
        [$id, $job] = $this->job($name, $payload, $options);
        $this->server->protobuf('jobs.Push', Protobuf::message(1, $job));

        return $id;
    }

    /**
     * Pushes many with one call.
     *
     * @param iterable<array{0: string, 1: string, 2?: Options}> $jobs name, payload, options
     *
     * @return list<string> the ids
     */
    public function pushMany(iterable $jobs): array
    {
        $ids = [];
        $message = '';
        foreach ($jobs as $entry) {
            [$id, $job] = $this->job($entry[0], $entry[1], $entry[2] ?? null);
            $ids[] = $id;
            $message .= Protobuf::message(1, $job);
        }
        if ([] !== $ids) {
            $this->server->protobuf('jobs.PushBatch', $message);
        }

        return $ids;
    }

    /**
     * Jobs are taken no more; they may still be pushed.
     */
    public function pause(): void
    {
        $this->server->protobuf('jobs.Pause', Protobuf::message(1, $this->pipeline));
    }

    public function resume(): void
    {
        $this->server->protobuf('jobs.Resume', Protobuf::message(1, $this->pipeline));
    }

    /**
     * @throws ServiceException also when there is no such pipeline
     */
    public function stats(): Stats
    {
        return JobMessage::statsOf($this->server->protobuf('jobs.Stat', ''), $this->pipeline)
            ?? throw new ServiceException('jobs.Stat', "no such pipeline: {$this->pipeline}");
    }

    /**
     * Makes a pipeline in the running server, until it ends.
     *
     * @param array<string, mixed> $config of the driver, as below `config` in the file, and priority (10)
     *
     * @throws \ValueError when a value has no form that can be sent
     */
    public static function declare(string $pipeline, string $driver, array $config = []): self
    {
        $message = '';
        foreach (['name' => $pipeline, 'driver' => $driver] + $config + ['priority' => 10] as $key => $value) {
            $text = match (true) {
                \is_bool($value) => $value ? 'true' : 'false',
                \is_scalar($value) => (string) $value,
                default => json_encode($value),
            };
            if (false === $text) {
                throw new \ValueError("RrEmbed\\Jobs\\Queue::declare(): Argument #3 (\$config) has a {$key} without a form in JSON");
            }
            $message .= Protobuf::message(1, Protobuf::text(1, $key).Protobuf::text(2, $text));
        }
        (new Caller(null, self::class))->protobuf('jobs.Declare', $message);

        return new self($pipeline);
    }

    /**
     * @return list<string> the names of all pipelines
     */
    public static function list(): array
    {
        return Protobuf::textsOf(Protobuf::decode((new Caller(null, self::class))->protobuf('jobs.List', '')), 1);
    }

    /**
     * @return array{string, string} id and message
     */
    private function job(string $name, string $payload, ?Options $options): array
    {
        $options ??= $this->defaults;
        $id = $options->id ?? JobMessage::newId();

        return [$id, JobMessage::encode($this->pipeline, $id, $name, $payload, $options)];
    }
}
