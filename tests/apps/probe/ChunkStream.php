<?php
// A PSR-7 body of unknown length that gives one chunk of a generator a read.
declare(strict_types=1);

namespace Probe;

use Psr\Http\Message\StreamInterface;

final class ChunkStream implements StreamInterface
{
    private bool $begun = false;

    /** @param \Generator<string> $chunks */
    public function __construct(private readonly \Generator $chunks)
    {
    }

    public function read($length): string
    {
        if ($this->begun) {
            $this->chunks->next();
        }
        $this->begun = true;

        return $this->chunks->valid() ? $this->chunks->current() : '';
    }

    public function eof(): bool
    {
        return $this->begun && !$this->chunks->valid();
    }

    public function getContents(): string
    {
        for ($all = ''; !$this->eof(); $all .= $this->read(8192)) {
        }

        return $all;
    }

    public function __toString(): string
    {
        return $this->getContents();
    }

    public function close(): void
    {
    }

    public function detach()
    {
        return null;
    }

    public function getSize(): ?int
    {
        return null;
    }

    public function tell(): int
    {
        throw new \RuntimeException('no position');
    }

    public function isSeekable(): bool
    {
        return false;
    }

    public function seek($offset, $whence = SEEK_SET): void
    {
        throw new \RuntimeException('not seekable');
    }

    public function rewind(): void
    {
        throw new \RuntimeException('not seekable');
    }

    public function isWritable(): bool
    {
        return false;
    }

    public function write($string): int
    {
        throw new \RuntimeException('not writable');
    }

    public function isReadable(): bool
    {
        return true;
    }

    public function getMetadata($key = null)
    {
        return $key === null ? [] : null;
    }
}
