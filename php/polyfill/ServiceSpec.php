<?php

declare(strict_types=1);

namespace RrEmbed;

/**
 * A program that the server is to run beside itself: what {@see Services::create()} takes. Times are seconds.
 */
final readonly class ServiceSpec
{
    /**
     * @param string                $command      split on single spaces; no shell, no quotes
     * @param int                   $processes    copies of it
     * @param float                 $execTimeout  after which each start of it is killed; 0: never. Rounded up to whole seconds
     * @param bool                  $restart      start it again however it ends
     * @param array<string, string> $env          beside the server's; names become upper case
     * @param float                 $restartDelay between its end and the next start. Rounded up to whole seconds
     * @param bool                  $nameInLog    log it as `service.NAME` instead of `service`
     * @param float                 $stopTimeout  between SIGINT and SIGKILL. Rounded up to whole seconds
     *
     * @throws \ValueError when a number is negative or there is no process
     */
    public function __construct(
        public string $name,
        public string $command,
        public int $processes = 1,
        public float $execTimeout = 0,
        public bool $restart = false,
        public array $env = [],
        public float $restartDelay = 30,
        public bool $nameInLog = false,
        public float $stopTimeout = 5,
    ) {
        if ($processes < 1) {
            throw new \ValueError('RrEmbed\ServiceSpec::__construct(): Argument #3 ($processes) must be greater than 0');
        }
        foreach ([4 => ['execTimeout', $execTimeout], 7 => ['restartDelay', $restartDelay], 9 => ['stopTimeout', $stopTimeout]] as $number => [$argument, $seconds]) {
            if (!($seconds >= 0) || $seconds > 0x7FFFFFFF) {
                throw new \ValueError("RrEmbed\\ServiceSpec::__construct(): Argument #{$number} (\${$argument}) must be between 0 and 2147483647");
            }
        }
    }
}
