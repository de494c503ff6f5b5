<?php

declare(strict_types=1);

namespace RrEmbed\Metrics;

use RrEmbed\Internal\Collector;
use RrEmbed\Internal\NotCopyable;

/**
 * A number that only grows.
 */
final class Counter
{
    use NotCopyable;

    /**
     * @internal made by {@see \RrEmbed\Metrics::counter()}
     */
    public function __construct(private readonly Collector $collector)
    {
    }

    /**
     * Counts.
     *
     * @param array<string, string|int|float|bool|\Stringable> $labels values by name, for all labels that were declared
     *
     * @throws \ValueError when it is negative or not finite, or the labels are others
     */
    public function inc(float $by = 1, array $labels = []): void
    {
        if ($by < 0) {
            throw new \ValueError('RrEmbed\Metrics\Counter::inc(): Argument #1 ($by) must be greater than or equal to 0');
        }
        $this->collector->call('Add', $by, $labels);
    }
}
