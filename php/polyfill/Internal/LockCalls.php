<?php

declare(strict_types=1);

namespace RrEmbed\Internal;

use RrEmbed\Exception\ServiceException;

/**
 * lock.v1.Request { 1 resource, 2 id, 3 ttl, 4 wait } in microseconds, Response { 1 ok, 2 fence: rr-embed's }.
 *
 * @internal
 */
final class LockCalls
{
    private bool $hasFences = true;

    public function __construct(private readonly Caller $server)
    {
    }

    /**
     * @return int|null the fencing token, 0 where the server has none; null when the lock was not had
     */
    public function acquire(string $resource, string $owner, int $ttl, int $wait, bool $shared): ?int
    {
        $method = $shared ? 'lock.LockRead' : 'lock.Lock';
        $message = $this->message($resource, $owner).Protobuf::integer(3, $ttl).Protobuf::integer(4, $wait);
        $timeout = 0 === $wait ? null : $wait / 1e6 + Environment::rpcTimeout();
        if ($this->hasFences) {
            try {
                return $this->fence($this->server->protobuf($method.'Fenced', $message, $timeout));
            } catch (ServiceException $error) {
                if (!str_contains($error->serverMessage, "can't find method")) {
                    throw $error;
                }
                $this->hasFences = false;
            }
        }

        return $this->fence($this->server->protobuf($method, $message, $timeout));
    }

    /**
     * Release, ForceRelease, Exists, UpdateTTL.
     */
    public function ask(string $method, string $resource, string $owner, int $ttl = 0): bool
    {
        return null !== $this->fence($this->server->protobuf('lock.'.$method, $this->message($resource, $owner).Protobuf::integer(3, $ttl)));
    }

    /**
     * @param string $argument what a ValueError blames
     *
     * @throws \ValueError when the seconds are negative or no number
     */
    public static function micros(float $seconds, string $argument): int
    {
        if (!($seconds >= 0)) {
            throw new \ValueError($argument.' must be greater than or equal to 0');
        }

        return (int) min(ceil($seconds * 1e6), 1 << 60);
    }

    private function message(string $resource, string $owner): string
    {
        return Protobuf::text(1, $resource).Protobuf::text(2, $owner);
    }

    private function fence(string $response): ?int
    {
        $fields = Protobuf::decode($response);

        return 0 === Protobuf::integerOf($fields, 1) ? null : Protobuf::integerOf($fields, 2);
    }
}
