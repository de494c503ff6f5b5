<?php

/**
 * Metrics of the application.
 *
 * @generate-class-entries
 */

namespace RrEmbed {

    /**
     * Metrics of the application, exposed by the server's section `metrics`.
     *
     *     $orders = RrEmbed\Metrics::counter('orders', 'Orders taken', ['country'], 'shop');
     *     $orders->inc(labels: ['country' => 'NL']);
     *
     * Declare at the start of the worker. What is declared already is used as it is; one name must not be declared with two shapes. On a
     * thread of the server counting is an addition in its memory. Over a socket it is a call that is not waited for, but for Gauge::set():
     * what the server refuses goes to the error log, or is thrown by flush().
     *
     * Methods that talk to the server throw Exception\NotInServerException, Exception\ServiceException, Exception\TransportException and
     * Exception\TimeoutException, unless silent().
     *
     * @strict-properties
     * @not-serializable
     */
    final class Metrics
    {
        private function __construct() {}

        /**
         * A number that only grows.
         *
         * @param string $name as `metrics.collect` has it; exposed behind namespace and subsystem
         * @param array $labels names
         *
         * @throws \ValueError when the name is empty, or it was declared with another shape
         */
        public static function counter(string $name, string $help = '', array $labels = [], string $namespace = '', string $subsystem = ''): Metrics\Counter {}

        /**
         * Counts of values below limits.
         *
         * @param array $buckets the limits, rising; none are those of Prometheus, 5 ms to 10 s, or those that are declared already
         * @param array $labels names
         *
         * @throws \ValueError when the name is empty, the limits do not rise, or it was declared with another shape
         */
        public static function histogram(string $name, array $buckets = [], string $help = '', array $labels = [], string $namespace = '', string $subsystem = ''): Metrics\Histogram {}

        /**
         * A number that goes up and down.
         *
         * @param array $labels names
         *
         * @throws \ValueError when the name is empty, or it was declared with another shape
         */
        public static function gauge(string $name, string $help = '', array $labels = [], string $namespace = '', string $subsystem = ''): Metrics\Gauge {}

        /**
         * Sum and count of values, and quantiles of the last ten minutes.
         *
         * @param array $objectives allowed errors by quantile, ['0.5' => 0.05, '0.99' => 0.001]; RoadRunner takes none
         * @param array $labels names
         *
         * @throws \ValueError when the name is empty, an objective is none, or it was declared with another shape
         */
        public static function summary(string $name, array $objectives = [], string $help = '', array $labels = [], string $namespace = '', string $subsystem = ''): Metrics\Summary {}

        /**
         * Waits until the server has what is on its way, over a socket; on a thread it has it already.
         *
         * @throws Exception\ServiceException when the server refused something since the last time
         */
        public static function flush(): void {}

        /**
         * Keeps failures of the server from the application: no server, one that cannot be reached, one that refuses. What was to be
         * counted is lost then.
         */
        public static function silent(bool $on = true): void {}
    }
}

namespace RrEmbed\Metrics {

    /**
     * A number that only grows.
     *
     * @strict-properties
     * @not-serializable
     */
    final class Counter
    {
        private function __construct() {}

        /**
         * Counts.
         *
         * @param array $labels values by name, for all labels that were declared
         *
         * @throws \ValueError when it is negative or not finite, or the labels are others
         */
        public function inc(float $by = 1, array $labels = []): void {}
    }

    /**
     * A number that goes up and down.
     *
     * @strict-properties
     * @not-serializable
     */
    final class Gauge
    {
        private function __construct() {}

        /**
         * Says what it is.
         *
         * @param array $labels values by name, for all labels that were declared
         *
         * @throws \ValueError when the labels are others, or the value is not finite
         */
        public function set(float $v, array $labels = []): void {}

        /**
         * Adds to it.
         *
         * @param array $labels values by name, for all labels that were declared
         *
         * @throws \ValueError when the labels are others, or the value is not finite
         */
        public function add(float $v, array $labels = []): void {}

        /**
         * Takes from it.
         *
         * @param array $labels values by name, for all labels that were declared
         *
         * @throws \ValueError when the labels are others, or the value is not finite
         */
        public function sub(float $v, array $labels = []): void {}
    }

    /**
     * Counts of values below limits.
     *
     * @strict-properties
     * @not-serializable
     */
    final class Histogram
    {
        private function __construct() {}

        /**
         * Notes a value.
         *
         * @param array $labels values by name, for all labels that were declared
         *
         * @throws \ValueError when the labels are others, or the value is not finite
         */
        public function observe(float $v, array $labels = []): void {}
    }

    /**
     * Sum, count and quantiles of values.
     *
     * @strict-properties
     * @not-serializable
     */
    final class Summary
    {
        private function __construct() {}

        /**
         * Notes a value.
         *
         * @param array $labels values by name, for all labels that were declared
         *
         * @throws \ValueError when the labels are others, or the value is not finite
         */
        public function observe(float $v, array $labels = []): void {}
    }
}
