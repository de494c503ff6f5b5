<?php

declare(strict_types=1);

namespace RrEmbed\Internal;

/**
 * Objects that stand for something outside PHP are neither cloned nor serialised, as in the extension.
 *
 * @internal
 */
trait NotCopyable
{
    private function __clone()
    {
    }

    /**
     * @return array<string, mixed>
     *
     * @throws \Exception always
     */
    public function __serialize(): array
    {
        throw new \Exception(\sprintf("Serialization of '%s' is not allowed", self::class));
    }

    /**
     * @param array<mixed> $data
     *
     * @throws \Exception always
     */
    public function __unserialize(array $data): void
    {
        throw new \Exception(\sprintf("Unserialization of '%s' is not allowed", self::class));
    }
}
