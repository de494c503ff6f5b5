<?php

declare(strict_types=1);

namespace RrEmbed;

use RrEmbed\Internal\Collector;

/**
 * Metrics of the application, exposed by the server's section `metrics`.
 *
 *     $orders = RrEmbed\Metrics::counter('orders', 'Orders taken', ['country'], 'shop');
 *     $orders->inc(labels: ['country' => 'NL']);
 *
 * Declare at the start of the worker. What is declared already is used as it is; this process must not declare one name with two
 * shapes. Without the extension each call of a collector is an RPC call.
 *
 * Methods that talk to the server throw {@see Exception\NotInServerException}, {@see Exception\ServiceException},
 * {@see Exception\TransportException} and {@see Exception\TimeoutException}, unless {@see silent()}.
 */
final class Metrics
{
    private function __construct()
    {
    }

    /**
     * A number that only grows.
     *
     * @param string       $name   as `metrics.collect` has it; exposed behind namespace and subsystem
     * @param list<string> $labels names
     *
     * @throws \ValueError when the name is empty, or this process has declared it with another shape
     */
    public static function counter(string $name, string $help = '', array $labels = [], string $namespace = '', string $subsystem = ''): Metrics\Counter
    {
        return new Metrics\Counter(Collector::declare('counter', $name, $help, $labels, $namespace, $subsystem));
    }

    /**
     * Counts of values below limits.
     *
     * @param array<int|float|string> $buckets the limits, rising; none are those of Prometheus, 5 ms to 10 s
     * @param list<string>            $labels  names
     *
     * @throws \ValueError when the name is empty, the limits do not rise, or this process has declared it with another shape
     */
    public static function histogram(string $name, array $buckets = [], string $help = '', array $labels = [], string $namespace = '', string $subsystem = ''): Metrics\Histogram
    {
        $limits = [];
        foreach ($buckets as $limit) {
            if (!is_numeric($limit) || !is_finite((float) $limit) || ([] !== $limits && $limit <= $limits[\count($limits) - 1])) {
                throw new \ValueError('RrEmbed\Metrics::histogram(): Argument #2 ($buckets) must be numbers that rise');
            }
            $limits[] = (float) $limit;
        }

        return new Metrics\Histogram(Collector::declare('histogram', $name, $help, $labels, $namespace, $subsystem, ['buckets' => $limits]));
    }

    /**
     * A number that goes up and down.
     *
     * @param list<string> $labels names
     *
     * @throws \ValueError when the name is empty, or this process has declared it with another shape
     */
    public static function gauge(string $name, string $help = '', array $labels = [], string $namespace = '', string $subsystem = ''): Metrics\Gauge
    {
        return new Metrics\Gauge(Collector::declare('gauge', $name, $help, $labels, $namespace, $subsystem));
    }

    /**
     * Sum and count of values, and quantiles of the last ten minutes.
     *
     * @param array<int|float|string> $objectives allowed errors by quantile, `['0.5' => 0.05, '0.99' => 0.001]`; RoadRunner takes none
     * @param list<string>            $labels     names
     *
     * @throws \ValueError when the name is empty, an objective is none, or this process has declared it with another shape
     */
    public static function summary(string $name, array $objectives = [], string $help = '', array $labels = [], string $namespace = '', string $subsystem = ''): Metrics\Summary
    {
        foreach ($objectives as $quantile => $error) {
            if (!is_numeric($quantile) || $quantile <= 0 || $quantile >= 1 || !is_numeric($error)) {
                throw new \ValueError('RrEmbed\Metrics::summary(): Argument #2 ($objectives) must be errors by quantile, such as [\'0.5\' => 0.05]');
            }
        }

        return new Metrics\Summary(Collector::declare('summary', $name, $help, $labels, $namespace, $subsystem, [] === $objectives ? [] : ['objectives' => (object) $objectives]));
    }

    /**
     * Sends what is held back on its way to the server. Without the extension nothing is.
     */
    public static function flush(): void
    {
    }

    /**
     * Keeps failures of the server from the application: no server, one that cannot be reached, one that refuses. What was to be
     * counted is lost then.
     */
    public static function silent(bool $on = true): void
    {
        Collector::$silent = $on;
    }
}
