<?php

declare(strict_types=1);

namespace RrEmbed\Jobs;

/**
 * What {@see Queue::stats()} tells of a pipeline.
 */
final readonly class Stats
{
    /**
     * @param string $queue    its name at the broker
     * @param int    $active   jobs that wait
     * @param int    $delayed  jobs whose time has not come
     * @param int    $reserved jobs that workers have
     * @param bool   $ready    whether it is consumed; false while it is paused
     */
    public function __construct(
        public string $pipeline,
        public string $driver,
        public string $queue,
        public int $active,
        public int $delayed,
        public int $reserved,
        public int $priority,
        public bool $ready,
    ) {
    }
}
