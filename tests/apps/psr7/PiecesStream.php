<?php

declare(strict_types=1);

use Psr\Http\Message\StreamInterface;

/** A body whose length nobody knows before its end. */
final class PiecesStream implements StreamInterface
{
    private int $sent = 0;

    public function __construct(private readonly int $pieces, private readonly int $bytes)
    {
    }

    public function read(int $length): string
    {
        return str_pad('piece '.++$this->sent, $this->bytes, '.')."\n";
    }

    public function eof(): bool
    {
        return $this->sent >= $this->pieces;
    }

    public function getSize(): ?int
    {
        return null;
    }

    public function getContents(): string
    {
        for ($all = ''; !$this->eof();) {
            $all .= $this->read(1);
        }

        return $all;
    }

    public function __toString(): string
    {
        return $this->getContents();
    }

    public function isReadable(): bool
    {
        return true;
    }

    public function isSeekable(): bool
    {
        return false;
    }

    public function isWritable(): bool
    {
        return false;
    }

    public function tell(): int
    {
        return $this->sent;
    }

    public function seek(int $offset, int $whence = \SEEK_SET): void
    {
        throw new RuntimeException('not seekable');
    }

    public function rewind(): void
    {
        throw new RuntimeException('not seekable');
    }

    public function write(string $string): int
    {
        throw new RuntimeException('not writable');
    }

    public function close(): void
    {
    }

    public function detach(): mixed
    {
        return null;
    }

    public function getMetadata(?string $key = null): mixed
    {
        return null === $key ? [] : null;
    }
}
