<?php

declare(strict_types=1);

namespace RrEmbed\Jobs;

/**
 * How a job is queued.
 */
final readonly class Options
{
    private const DRIVER = ['topic' => 'string', 'metadata' => 'string', 'offset' => 'int', 'partition' => 'int'];

    /**
     * @param int                                $priority the smaller the earlier; 0 is the pipeline's
     * @param float                              $delay    seconds until it may run, rounded up to whole ones
     * @param bool                               $autoAck  done as soon as a worker has it
     * @param string|null                        $id       null: a fresh UUID
     * @param array<string, string|list<string>> $headers
     * @param array<string, string|int>          $driver   of kafka: topic, metadata, offset, partition
     *
     * @throws \ValueError when the delay is negative, the id is empty, or the driver has no such option
     */
    public function __construct(
        public int $priority = 0,
        public float $delay = 0,
        public bool $autoAck = false,
        public ?string $id = null,
        public array $headers = [],
        public array $driver = [],
    ) {
        if (!($delay >= 0)) {
            throw new \ValueError('RrEmbed\Jobs\Options::__construct(): Argument #2 ($delay) must be greater than or equal to 0');
        }
        if ('' === $id) {
            throw new \ValueError('RrEmbed\Jobs\Options::__construct(): Argument #4 ($id) must not be empty');
        }
        foreach ($driver as $name => $value) {
            if (get_debug_type($value) !== (self::DRIVER[$name] ?? null)) {
                throw new \ValueError("RrEmbed\\Jobs\\Options::__construct(): Argument #6 (\$driver) must have topic and metadata as strings, offset and partition as integers; {$name} is none of them");
            }
        }
    }
}
