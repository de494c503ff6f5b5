<?php

declare(strict_types=1);

namespace RrEmbed\Metrics;

use RrEmbed\Internal\Collector;
use RrEmbed\Internal\NotCopyable;

/**
 * Counts of values below limits.
 */
final class Histogram
{
    use NotCopyable;

    /**
     * @internal made by {@see \RrEmbed\Metrics::histogram()}
     */
    public function __construct(private readonly Collector $collector)
    {
    }

    /**
     * Notes a value.
     *
     * @param array<string, string|int|float|bool|\Stringable> $labels values by name, for all labels that were declared
     *
     * @throws \ValueError when the labels are others, or the value is not finite
     */
    public function observe(float $v, array $labels = []): void
    {
        $this->collector->call('Observe', $v, $labels);
    }
}
