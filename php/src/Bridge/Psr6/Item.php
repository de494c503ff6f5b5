<?php

declare(strict_types=1);

namespace RrEmbed\Bridge\Psr6;

use Psr\Cache\CacheItemInterface;

/**
 * An entry of a {@see Pool}.
 */
final class Item implements CacheItemInterface
{
    /** When it ends; null: never. */
    private ?float $end = null;

    /**
     * @internal made by {@see Pool::getItem()}
     */
    public function __construct(private readonly string $key, private mixed $value, private bool $hit)
    {
    }

    public function getKey(): string
    {
        return $this->key;
    }

    public function get(): mixed
    {
        return $this->hit ? $this->value : null;
    }

    public function isHit(): bool
    {
        return $this->hit;
    }

    public function set(mixed $value): static
    {
        $this->value = $value;

        return $this;
    }

    public function expiresAt(?\DateTimeInterface $expiration): static
    {
        $this->end = null === $expiration ? null : (float) $expiration->format('U.u');

        return $this;
    }

    public function expiresAfter(\DateInterval|int|null $time): static
    {
        if ($time instanceof \DateInterval) {
            return $this->expiresAt((new \DateTimeImmutable())->add($time));
        }
        $this->end = null === $time ? null : microtime(true) + $time;

        return $this;
    }

    /**
     * What save() is to keep, whether or not it was there before.
     *
     * @internal
     */
    public function value(): mixed
    {
        return $this->value;
    }

    /**
     * @internal
     *
     * @return float|null seconds it has left, below 0 when it has ended; null: no end
     */
    public function ttl(): ?float
    {
        return null === $this->end ? null : $this->end - microtime(true);
    }

    /**
     * As the pool has it from now on, while its save is put off.
     *
     * @internal
     */
    public function deferred(): self
    {
        $item = clone $this;
        $item->hit = null === $this->end || $this->end > microtime(true);

        return $item;
    }
}
