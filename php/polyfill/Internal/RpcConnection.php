<?php

declare(strict_types=1);

namespace RrEmbed\Internal;

use RrEmbed\Exception\ServiceException;
use RrEmbed\Exception\TimeoutException;
use RrEmbed\Exception\TransportException;
use RrEmbed\Exception\UnsupportedException;
use RrEmbed\Goridge\Frame;

/**
 * The connection of this process to one server: many calls at a time, replies in any order.
 *
 * It connects with the first call, again when the server has closed an idle connection, and anew in a child after
 * fork(): a socket that two processes read would give the one the replies of the other. A call of which a byte was
 * written is never sent twice.
 *
 * Under PHP-FPM and the like the socket stays open from one script to the next: one for each child.
 *
 * @internal
 */
final class RpcConnection
{
    /** Bytes of one read, and of one write. */
    private const READ_BYTES = 16384;
    private const WRITE_BYTES = 1 << 20;

    /** Bytes of a call, and of a reply. */
    private const MAX_BYTES = 256 << 20;

    /** Sequence numbers have 32 bits on the wire. */
    private const LAST_SEQUENCE = 0x7FFFFFFF;

    /** @var array<string, self> by address */
    private static array $connections = [];

    /** @var resource|null non-blocking; null while not connected */
    private mixed $socket = null;
    private int $process = 0;
    private int $sequence = 0;
    private string $in = '';
    private string $out = '';

    /** Bytes of $out that are written already. */
    private int $written = 0;

    /** @var array<int, Call> those without a reply, by sequence number */
    private array $calls = [];

    /** Whether this PHP runs one script after the other. */
    private readonly bool $isPersistent;

    private function __construct(private readonly string $address)
    {
        $this->isPersistent = !\in_array(\PHP_SAPI, ['cli', 'phpdbg', 'cli-server', 'embed'], true);
        if ($this->isPersistent) {
            // Replies that the script before did not wait for must not fit calls of this one.
            $this->sequence = mt_rand(0, self::LAST_SEQUENCE);
            register_shutdown_function($this->endScript(...));
        }
    }

    /**
     * The one connection to $address, which is not dialled yet.
     */
    public static function to(string $address): self
    {
        return self::$connections[$address] ??= new self($address);
    }

    /**
     * Sends a call.
     *
     * @param int   $codec   flag of the argument and of the reply
     * @param bool  $wanted  false when nobody will ask for the reply
     * @param float $timeout seconds until all of it must be sent; connecting has its own
     *
     * @throws TransportException   when the server cannot be reached
     * @throws TimeoutException     when the server does not take it in time
     * @throws UnsupportedException when it has more than 256 MiB
     */
    public function begin(string $method, string $argument, int $codec, bool $wanted, float $timeout): Call
    {
        $started = microtime(true);
        $deadline = $started + $timeout;
        if ($this->process !== getmypid()) {
            $this->startInThisProcess();
        }
        $this->settle();
        if (\strlen($method) + \strlen($argument) > self::MAX_BYTES) {
            throw new UnsupportedException("{$method}: {$this->address}: a call of more than 256 MiB");
        }
        $this->sequence = self::LAST_SEQUENCE === $this->sequence ? 1 : $this->sequence + 1;
        $frame = (new Frame($method.$argument, [$this->sequence, \strlen($method)], $codec))->encode();
        $isNew = null === $this->socket;
        if ($isNew) {
            $this->connect($method);
        }
        $isIdle = '' === $this->out;
        $this->out .= $frame;
        $problem = $this->write();
        if (null !== $problem && $isIdle && !$isNew) {
            // Closed between the read and this: no byte of the call has left.
            $this->connect($method);
            $this->out = $frame;
            $problem = $this->write();
        }
        if (null !== $problem) {
            throw $this->lost($method, $problem, $started);
        }
        $call = new Call($method, $this->process, $wanted);
        $this->calls[$this->sequence] = $call;
        while ('' !== $this->out && !$call->isDone()) {
            if (!$this->pump($deadline - microtime(true))) {
                throw new TimeoutException(\sprintf('%s: %s: no answer within %g s', $method, $this->address, $timeout));
            }
        }

        return $call;
    }

    /**
     * Notices that the server has gone since the last call, and takes replies that nobody waits for.
     */
    private function settle(): void
    {
        if (null === $this->socket) {
            return;
        }
        if ([] !== $this->calls) {
            $this->read();
        } elseif (feof($this->socket)) {
            $this->close();
        }
    }

    /**
     * Takes what has come, without waiting.
     */
    public function poll(Call $call): void
    {
        $this->assertOwn($call);
        if (!$call->isDone() && null !== $this->socket) {
            $this->read();
        }
    }

    /**
     * Waits until the call has its reply or its failure.
     *
     * @throws TimeoutException   when there is none in time; the call goes on
     * @throws TransportException in another process than the one that began the call
     */
    public function await(Call $call, float $timeout): void
    {
        $this->assertOwn($call);
        $deadline = null;
        while (!$call->isDone()) {
            $deadline ??= microtime(true) + $timeout;
            if (!$this->pump($deadline - microtime(true))) {
                throw new TimeoutException(\sprintf('%s: %s: no answer within %g s', $call->method, $this->address, $timeout));
            }
        }
    }

    /**
     * @return string the reply of a call that is done
     *
     * @throws ServiceException|TransportException what it failed with
     */
    public static function reply(Call $call): string
    {
        if (null !== $call->failure) {
            throw $call->failure;
        }

        return (string) $call->reply;
    }

    private function connect(string $method): void
    {
        $context = stream_context_create(['socket' => ['tcp_nodelay' => true]]);
        $started = microtime(true);
        $socket = @stream_socket_client($this->address, $code, $reason, Environment::rpcConnectTimeout(), \STREAM_CLIENT_CONNECT | ($this->isPersistent ? \STREAM_CLIENT_PERSISTENT : 0), $context);
        if (false === $socket) {
            throw $this->lost($method, (string) $reason, $started, (int) $code);
        }
        stream_set_blocking($socket, false);
        // The buffer is $in: what PHP kept back in its own no select() would show.
        stream_set_read_buffer($socket, 0);
        $this->socket = $socket;
        $this->in = $this->out = '';
        $this->written = 0;
    }

    private function close(): void
    {
        if (null !== $this->socket) {
            // A persistent one would come back with the next connect().
            fclose($this->socket);
        }
        $this->socket = null;
        $this->in = $this->out = '';
        $this->written = 0;
    }

    /**
     * The next script would not know what to do with a half of a frame.
     */
    private function endScript(): void
    {
        if ('' !== $this->in || '' !== $this->out) {
            $this->break('the script has ended');
        }
    }

    private function startInThisProcess(): void
    {
        $this->close();
        $this->calls = [];
        $this->process = (int) getmypid();
    }

    /**
     * Waits until something can be read or written, and does it.
     *
     * @return bool false when nothing could be in time
     */
    private function pump(float $timeout): bool
    {
        if ($timeout < 0) {
            return false;
        }
        \assert(null !== $this->socket);
        $read = [$this->socket];
        $write = '' === $this->out ? [] : $read;
        $except = null;
        $seconds = (int) min($timeout, 86400.0);
        // An interrupt by a signal says false, too: the caller comes again with the time that is left.
        $found = @stream_select($read, $write, $except, $seconds, $timeout < 86400.0 ? (int) (($timeout - $seconds) * 1e6) : 0);
        if (0 === $found) {
            return $timeout > 86400.0;
        }
        if ([] === $write || null === $this->write()) {
            $this->read();
        }

        return true;
    }

    /**
     * Writes what there is room for.
     *
     * @return string|null why the connection has broken
     */
    private function write(): ?string
    {
        \assert(null !== $this->socket);
        $rest = \strlen($this->out) - $this->written;
        $written = @fwrite($this->socket, 0 === $this->written && $rest <= self::WRITE_BYTES ? $this->out : substr($this->out, $this->written, self::WRITE_BYTES));
        if (false === $written) {
            $problem = error_get_last()['message'] ?? 'write failed';
            $this->break($problem);

            return $problem;
        }
        if ($written === $rest) {
            $this->out = '';
            $this->written = 0;
        } else {
            $this->written += $written;
        }

        return null;
    }

    private function read(): void
    {
        \assert(null !== $this->socket);
        do {
            $bytes = @fread($this->socket, self::READ_BYTES);
            if (false === $bytes || '' === $bytes) {
                if (feof($this->socket)) {
                    $this->break('the server closed the connection before its reply');
                }

                return;
            }
            $this->in .= $bytes;
        } while (self::READ_BYTES === \strlen($bytes));
        try {
            $this->take();
        } catch (TransportException $error) {
            $this->break('the server sent what is no reply: '.$error->getMessage());
        }
    }

    /**
     * Gives the whole frames of $in to their calls.
     *
     * @throws TransportException when the bytes are no replies
     */
    private function take(): void
    {
        $at = 0;
        $end = \strlen($this->in);
        while ($end - $at >= Frame::HEADER_BYTES) {
            ['options' => $options, 'flags' => $flags, 'length' => $length] = self::header(substr($this->in, $at, Frame::HEADER_BYTES));
            if ($length > self::MAX_BYTES) {
                throw new TransportException('it is longer than 256 MiB');
            }
            if (2 !== $options) {
                throw new TransportException('a frame without the two options of a reply');
            }
            $payload = $at + Frame::HEADER_BYTES + 8;
            if ($end - $payload < $length) {
                break;
            }
            [$sequence, $methodLength] = Frame::decodeOptions(substr($this->in, $payload - 8, 8));
            $call = $this->calls[$sequence] ?? null;
            if (null === $call && !$this->isPersistent) {
                throw new TransportException('it answers a call that was not made');
            }
            if ($methodLength > $length) {
                throw new TransportException('a frame without the two options of a reply');
            }
            unset($this->calls[$sequence]);
            $reply = substr($this->in, $payload + $methodLength, $length - $methodLength);
            if (null !== $call && 0 === ($flags & Frame::ERROR)) {
                $call->reply = $reply;
            } else {
                $call?->fail(new ServiceException($call->method, $reply));
            }
            $at = $payload + $length;
        }
        $this->in = $at === $end ? '' : substr($this->in, $at);
    }

    /**
     * @return array{options: int, flags: int, length: int}
     *
     * @throws TransportException when the bytes are no header
     */
    private static function header(string $bytes): array
    {
        try {
            return Frame::decodeHeader($bytes);
        } catch (TransportException $error) {
            throw new TransportException(str_starts_with($error->getMessage(), 'malformed') ? 'a header has an impossible length' : 'a checksum is wrong', 0, $error);
        }
    }

    /**
     * Ends the connection and every call that waits for it.
     */
    private function break(string $reason): void
    {
        $this->close();
        $calls = $this->calls;
        $this->calls = [];
        foreach ($calls as $call) {
            $call->fail($this->lost($call->method, $reason, $call->started));
        }
    }

    private function assertOwn(Call $call): void
    {
        if ($call->process !== getmypid()) {
            throw $this->lost($call->method, 'the call was made by another process, which has its reply', $call->started);
        }
    }

    private function lost(string $method, string $reason, float $since, int $code = 0): TransportException
    {
        return new TransportException(\sprintf('%s: %s: %s (after %.3f s)', $method, $this->address, $reason, microtime(true) - $since), $code);
    }
}
