<?php

declare(strict_types=1);

namespace RrEmbed\Metrics;

use RrEmbed\Internal\Collector;
use RrEmbed\Internal\NotCopyable;

/**
 * A number that goes up and down.
 */
final class Gauge
{
    use NotCopyable;

    /**
     * @internal made by {@see \RrEmbed\Metrics::gauge()}
     */
    public function __construct(private readonly Collector $collector)
    {
    }

    /**
     * Says what it is.
     *
     * @param array<string, string|int|float|bool|\Stringable> $labels values by name, for all labels that were declared
     *
     * @throws \ValueError when the labels are others, or the value is not finite
     */
    public function set(float $v, array $labels = []): void
    {
        $this->collector->call('Set', $v, $labels);
    }

    /**
     * Adds to it.
     *
     * @param array<string, string|int|float|bool|\Stringable> $labels values by name, for all labels that were declared
     *
     * @throws \ValueError when the labels are others, or the value is not finite
     */
    public function add(float $v, array $labels = []): void
    {
        $this->collector->call('Add', $v, $labels);
    }

    /**
     * Takes from it.
     *
     * @param array<string, string|int|float|bool|\Stringable> $labels values by name, for all labels that were declared
     *
     * @throws \ValueError when the labels are others, or the value is not finite
     */
    public function sub(float $v, array $labels = []): void
    {
        $this->collector->call('Sub', $v, $labels);
    }
}
