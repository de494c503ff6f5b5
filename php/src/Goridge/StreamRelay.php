<?php

declare(strict_types=1);

namespace RrEmbed\Goridge;

use RrEmbed\Exception\TransportException;

/**
 * Frames over a pair of PHP streams, such as the pipes of a worker process.
 */
final class StreamRelay implements Relay
{
    /** Bytes. A longer payload is taken for garbage; what a server forwards is far below. */
    public const MAX_PAYLOAD = 1 << 30;

    /** Bytes: a pipe holds as much, so that one read empties it. */
    private const READ_CHUNK = 65536;

    /**
     * @param resource $in         blocking; stays the caller's, who must not read from it any more
     * @param resource $out        blocking; may be $in
     * @param int      $maxPayload bytes of the longest payload to accept
     */
    public function __construct(
        private readonly mixed $in,
        private readonly mixed $out,
        private readonly int $maxPayload = self::MAX_PAYLOAD,
    ) {
        stream_set_chunk_size($in, self::READ_CHUNK);
    }

    public function receive(): ?Frame
    {
        $header = fread($this->in, Frame::HEADER_BYTES);
        if (false === $header || \strlen($header) < Frame::HEADER_BYTES) {
            $header = $this->complete((string) $header, Frame::HEADER_BYTES);
            if ('' === $header) {
                return null;
            }
        }
        ['options' => $options, 'flags' => $flags, 'length' => $length, 'stream' => $stream] = Frame::decodeHeader($header);
        if ($length > $this->maxPayload) {
            throw new TransportException("malformed frame: a payload of {$length} bytes, {$this->maxPayload} are allowed");
        }

        $words = 0 === $options ? [] : Frame::decodeOptions($this->read(4 * $options));

        return new Frame(0 === $length ? '' : $this->read($length), $words, $flags, $stream);
    }

    public function send(Frame $frame): void
    {
        $bytes = $frame->encode();
        $length = \strlen($bytes);
        $written = @fwrite($this->out, $bytes);
        while ($written !== $length) {
            if (false === $written) {
                throw new TransportException('the server is gone: '.(error_get_last()['message'] ?? 'write failed'));
            }
            $bytes = substr($bytes, $written);
            $length -= $written;
            $this->awaitRoom();
            $written = @fwrite($this->out, $bytes);
        }
    }

    public function wait(?float $timeout): bool
    {
        $read = [$this->in];
        $write = $except = null;
        if (null === $timeout) {
            return (bool) @stream_select($read, $write, $except, null);
        }
        $seconds = (int) $timeout;

        return (bool) @stream_select($read, $write, $except, $seconds, (int) (($timeout - $seconds) * 1e6));
    }

    public function stream(): mixed
    {
        return $this->in;
    }

    /**
     * Exactly so many bytes, of the inside of a frame.
     */
    private function read(int $length): string
    {
        // As a rule all of it came with the header's read and lies in PHP's buffer.
        $bytes = (string) fread($this->in, max(1, min($length, self::READ_CHUNK)));
        if (\strlen($bytes) === $length) {
            return $bytes;
        }
        $bytes = $this->complete($bytes, $length);
        if ('' === $bytes) {
            throw new TransportException("unexpected EOF: the peer closed 0 of {$length} bytes into a part of a frame");
        }

        return $bytes;
    }

    /**
     * Reads on until there are $length bytes.
     *
     * @return string '' when the peer closed before the first byte
     */
    private function complete(string $bytes, int $length): string
    {
        while (($missing = $length - \strlen($bytes)) > 0) {
            $more = (string) stream_get_contents($this->in, $missing);
            if ('' !== $more) {
                $bytes .= $more;
            } elseif (!feof($this->in)) {
                // A signal, or a stream that was made non-blocking: sleep until there is more, do not spin.
                $this->wait(null);
            } elseif ('' === $bytes) {
                return '';
            } else {
                throw new TransportException('unexpected EOF: the peer closed '.\strlen($bytes)." of {$length} bytes into a part of a frame");
            }
        }

        return $bytes;
    }

    private function awaitRoom(): void
    {
        $read = $except = null;
        $write = [$this->out];
        @stream_select($read, $write, $except, null);
    }
}
