<?php

declare(strict_types=1);

namespace RrEmbed;

use RrEmbed\Internal\Caller;
use RrEmbed\Internal\NotCopyable;
use RrEmbed\Internal\Protobuf;

/**
 * The programs that the server runs beside itself: those of the section `service`, and others until it ends.
 *
 * Every method throws {@see Exception\NotInServerException} when the environment names no server, {@see Exception\ServiceException}
 * with the server's text, {@see Exception\TransportException} when it cannot be reached and {@see Exception\TimeoutException} when
 * it does not answer in time.
 */
final class Services
{
    use NotCopyable;

    /** Seconds: a restart waits for each process as long as its stop timeout says. */
    private const PATIENCE = 120.0;

    private readonly Caller $server;

    public function __construct()
    {
        $this->server = new Caller(null, self::class);
    }

    /**
     * @return list<string> names, in no order
     */
    public function list(): array
    {
        return Protobuf::textsOf(Protobuf::decode($this->server->protobuf('service.List', '')), 1);
    }

    /**
     * Starts a program. The server forgets it when it ends.
     */
    public function create(ServiceSpec $spec): void
    {
        $env = '';
        foreach ($spec->env as $name => $value) {
            $env .= Protobuf::message(6, Protobuf::text(1, (string) $name).Protobuf::text(2, $value));
        }
        $this->server->protobuf('service.Create', Protobuf::text(1, $spec->name).Protobuf::text(2, $spec->command)
            .Protobuf::integer(3, $spec->processes).Protobuf::integer(4, (int) ceil($spec->execTimeout)).Protobuf::integer(5, (int) $spec->restart)
            .$env.Protobuf::integer(7, (int) ceil($spec->restartDelay)).Protobuf::integer(8, (int) $spec->nameInLog)
            .Protobuf::integer(9, (int) ceil($spec->stopTimeout)), self::PATIENCE);
    }

    /**
     * Stops all its processes and starts them anew.
     */
    public function restart(string $name): void
    {
        $this->server->protobuf('service.Restart', Protobuf::text(1, $name), self::PATIENCE);
    }

    /**
     * Stops its processes and forgets it.
     */
    public function terminate(string $name): void
    {
        $this->server->protobuf('service.Terminate', Protobuf::text(1, $name), self::PATIENCE);
    }

    /**
     * @return list<array{pid: int, cpuPercent: float, memoryUsage: int, command: string, error: string|null}> one for each process, in the order of their start; error: of one that is dead
     */
    public function status(string $name): array
    {
        $found = [];
        foreach (Protobuf::textsOf(Protobuf::decode($this->server->protobuf('service.Statuses', Protobuf::text(1, $name))), 1) as $bytes) {
            $fields = Protobuf::decode($bytes);
            /** @var array{1: float} $percent */
            $percent = unpack('g', str_pad(Protobuf::textOf($fields, 1), 4, "\0"));
            $error = isset($fields[5]) ? Protobuf::textOf(Protobuf::decode(Protobuf::textOf($fields, 5)), 2) : '';
            $found[] = [
                'pid' => Protobuf::integerOf($fields, 2),
                'cpuPercent' => $percent[1],
                'memoryUsage' => Protobuf::integerOf($fields, 3),
                'command' => Protobuf::textOf($fields, 4),
                'error' => '' === $error ? null : $error,
            ];
        }

        return $found;
    }
}
