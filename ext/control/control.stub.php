<?php

/**
 * The server's own parts: workers, services, tasks.
 *
 * @generate-class-entries
 */

namespace RrEmbed {

    /**
     * The workers of the server's plugins: who they are, more of them, fewer, fresh ones.
     *
     * Every method throws Exception\NotInServerException when there is no server to ask, Exception\ServiceException with the server's
     * text, Exception\TransportException when it cannot be reached and Exception\TimeoutException when it does not answer in time.
     *
     * @strict-properties
     * @not-serializable
     */
    final class Pool
    {
        private function __construct() {}

        /**
         * @return array a list, none for a plugin without workers; of each pid, status, numExecs, created (nanoseconds since 1970),
         *               memoryUsage, CPUPercent, command, statusStr
         */
        public static function workers(string $plugin = 'http'): array {}

        /** Adds a worker. */
        public static function add(string $plugin): void {}

        /** Takes a worker away, once one is idle; the last one stays. */
        public static function remove(string $plugin): void {}

        /**
         * Replaces the workers, once they are idle: of the plugins that are named, or of all that can be reset. A worker does not wait for
         * the end of it, which may be waiting for this worker.
         */
        public static function reset(string ...$plugins): void {}
    }

    /**
     * A program that the server is to run beside itself: what Services::create() takes. Times are seconds.
     */
    final readonly class ServiceSpec
    {
        public readonly string $name;
        public readonly string $command;
        public readonly int $processes;
        public readonly float $execTimeout;
        public readonly bool $restart;
        public readonly array $env;
        public readonly float $restartDelay;
        public readonly bool $nameInLog;
        public readonly float $stopTimeout;

        /**
         * @param string $command split on single spaces; no shell, no quotes
         * @param int $processes copies of it
         * @param float $execTimeout after which each start of it is killed; 0: never. Rounded up to whole seconds
         * @param bool $restart start it again however it ends
         * @param array $env beside the server's; names become upper case
         * @param float $restartDelay between its end and the next start. Rounded up to whole seconds
         * @param bool $nameInLog log it as `service.NAME` instead of `service`
         * @param float $stopTimeout between SIGINT and SIGKILL. Rounded up to whole seconds
         *
         * @throws \ValueError when a number is negative or there is no process
         */
        public function __construct(string $name, string $command, int $processes = 1, float $execTimeout = 0, bool $restart = false, array $env = [], float $restartDelay = 30, bool $nameInLog = false, float $stopTimeout = 5) {}
    }

    /**
     * The programs that the server runs beside itself: those of the section `service`, and others until it ends.
     *
     * Every method throws Exception\NotInServerException when there is no server to ask, Exception\ServiceException with the server's
     * text, Exception\TransportException when it cannot be reached and Exception\TimeoutException when it does not answer in time.
     *
     * @strict-properties
     * @not-serializable
     */
    final class Services
    {
        public function __construct() {}

        /** @return array names, in no order */
        public function list(): array {}

        /** Starts a program. The server forgets it when it ends. */
        public function create(ServiceSpec $spec): void {}

        /** Stops all its processes and starts them anew. */
        public function restart(string $name): void {}

        /** Stops its processes and forgets it. */
        public function terminate(string $name): void {}

        /**
         * @return array one for each process, in the order of their start: pid, cpuPercent, memoryUsage, command, error (of one that is
         *               dead, else null)
         */
        public function status(string $name): array {}
    }

    /**
     * Work for a pool of task workers beside the one that asks. No server has such a pool yet: ask available() and do the work in turn.
     *
     * @strict-properties
     * @not-serializable
     */
    final class Tasks
    {
        private function __construct() {}

        /** Whether there is a pool of task workers. */
        public static function available(): bool {}

        /**
         * Gives a task away and does not wait for it.
         *
         * @return string its id
         *
         * @throws Exception\NotInServerException when there is no server to ask
         * @throws Exception\UnsupportedException when the server has no task workers
         */
        public static function dispatch(string $payload): string {}

        /**
         * Runs tasks side by side and waits for all.
         *
         * @param array $payloads texts
         *
         * @return array results by the keys of the payloads
         *
         * @throws Exception\NotInServerException when there is no server to ask
         * @throws Exception\UnsupportedException when the server has no task workers
         */
        public static function all(array $payloads, float $timeout = 3.0): array {}
    }
}
