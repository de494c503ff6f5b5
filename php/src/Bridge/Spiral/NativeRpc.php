<?php

declare(strict_types=1);

namespace RrEmbed\Bridge\Spiral;

use RrEmbed\Codec;
use RrEmbed\Exception\InvalidStateException;
use RrEmbed\Exception\RrEmbedException;
use RrEmbed\Exception\ServiceException;
use RrEmbed\PendingCall;
use RrEmbed\Rpc;
use Spiral\Goridge\Exception\TransportException;
use Spiral\Goridge\RPC\AsyncRPCInterface;
use Spiral\Goridge\RPC\Codec\JsonCodec;
use Spiral\Goridge\RPC\CodecInterface;
use Spiral\Goridge\RPC\Exception\RPCException;
use Spiral\Goridge\RPC\Exception\ServiceException as SpiralServiceException;
use Spiral\Goridge\RPC\MultiRPC;

/**
 * RPC for RoadRunner's own packages: on a thread of the server direct calls, elsewhere the connection of {@see Rpc}.
 *
 *     $cache = (new Spiral\RoadRunner\KeyValue\Factory(new NativeRpc()))->select('cache');
 *
 * Results, exceptions and their texts are those of `Spiral\Goridge\RPC\RPC`.
 */
final class NativeRpc implements AsyncRPCInterface
{
    /** Calls whose replies nobody fetches, as those of AsyncCache, are forgotten from this many on. */
    private const MAX_PENDING = 10_000;

    private static int $sequence = 0;

    /** @var array<int, array{PendingCall, string}> with their methods; of all objects, as packages clone theirs */
    private static array $pending = [];

    private readonly Rpc $rpc;

    /** @var non-empty-string|null */
    private ?string $service = null;

    public function __construct(?Rpc $rpc = null, private CodecInterface $codec = new JsonCodec())
    {
        $this->rpc = $rpc ?? new Rpc();
    }

    /**
     * @param non-empty-string $service
     */
    public function withServicePrefix(string $service): self
    {
        $rpc = clone $this;
        $rpc->service = $service;

        return $rpc;
    }

    public function withCodec(CodecInterface $codec): self
    {
        $rpc = clone $this;
        $rpc->codec = $codec;

        return $rpc;
    }

    /**
     * @param mixed $options for the codec: what the reply is decoded to
     *
     * @throws SpiralServiceException when the server answers with an error
     * @throws TransportException     when it cannot be reached
     */
    public function call(string $method, mixed $payload, mixed $options = null): mixed
    {
        try {
            $codec = $this->codec();
            $argument = $this->codec->encode($payload);
            // Of JSON the package wants its own decoder, so that one gets the bytes.
            $reply = Codec::Json === $codec
                ? $this->rpc->begin($this->method($method), $argument, $codec)->result()
                : $this->rpc->call($this->method($method), $argument, $codec);
        } catch (RrEmbedException $error) {
            throw $this->translate($error);
        }

        return $this->codec->decode(\is_string($reply) ? $reply : '', $options);
    }

    /**
     * @throws TransportException when the server cannot be reached
     */
    public function callIgnoreResponse(string $method, mixed $payload): void
    {
        try {
            $this->rpc->send($this->method($method), $this->codec->encode($payload), $this->codec());
        } catch (RrEmbedException $error) {
            throw $this->translate($error);
        }
    }

    /**
     * @return int the number to ask for the reply with
     *
     * @throws TransportException when the server cannot be reached
     */
    public function callAsync(string $method, mixed $payload): int
    {
        if (\count(self::$pending) >= self::MAX_PENDING) {
            self::$pending = \array_slice(self::$pending, intdiv(self::MAX_PENDING, 2), null, true);
        }
        try {
            self::$pending[++self::$sequence] = [$this->rpc->begin($this->method($method), $this->codec->encode($payload), $this->codec()), $method];
        } catch (RrEmbedException $error) {
            throw $this->translate($error);
        }

        return self::$sequence;
    }

    public function hasResponse(int $seq): bool
    {
        try {
            return isset(self::$pending[$seq]) && self::$pending[$seq][0]->ready();
        } catch (RrEmbedException $error) {
            throw $this->translate($error);
        }
    }

    /**
     * @param array<array-key, int> $seqs
     *
     * @return list<int> those whose replies are there
     */
    public function hasResponses(array $seqs): array
    {
        return array_values(array_filter($seqs, $this->hasResponse(...)));
    }

    /**
     * @param mixed $options for the codec: what the reply is decoded to
     *
     * @throws RPCException           when the number is unknown, or was used
     * @throws SpiralServiceException when the server answers with an error
     * @throws TransportException     when it cannot be reached
     */
    public function getResponse(int $seq, mixed $options = null): mixed
    {
        [$call] = self::$pending[$seq] ?? throw new RPCException(MultiRPC::ERR_INVALID_SEQ_NUMBER);
        unset(self::$pending[$seq]);
        try {
            $reply = $call->result();
        } catch (RrEmbedException $error) {
            throw $this->translate($error);
        }

        return $this->codec->decode($reply, $options);
    }

    /**
     * @param array<array-key, int> $seqs
     * @param mixed                 $options for the codec: what the replies are decoded to
     *
     * @return iterable<int, mixed> by number; those that are there first
     *
     * @throws RPCException           when a number is unknown, or was used
     * @throws SpiralServiceException when the server answers with an error
     * @throws TransportException     when it cannot be reached
     */
    public function getResponses(array $seqs, mixed $options = null): iterable
    {
        foreach ($seqs as $seq) {
            if (!isset(self::$pending[$seq])) {
                throw new RPCException(MultiRPC::ERR_INVALID_SEQ_NUMBER);
            }
        }
        while ([] !== $seqs) {
            foreach ($this->hasResponses($seqs) ?: [reset($seqs)] as $seq) {
                $seqs = array_diff($seqs, [$seq]);
                yield $seq => $this->getResponse($seq, $options);
            }
        }
    }

    private function method(string $method): string
    {
        return null === $this->service ? $method : $this->service.'.'.ucfirst($method);
    }

    private function codec(): Codec
    {
        return Codec::tryFrom($this->codec->getIndex()) ?? throw new RPCException('unsupported codec: '.$this->codec::class);
    }

    private function translate(RrEmbedException $error): RPCException|TransportException
    {
        if ($error instanceof ServiceException) {
            return new SpiralServiceException(\sprintf("Error '%s' on %s", $error->serverMessage, $this->rpc->address()), 0, $error);
        }
        if ($error instanceof InvalidStateException) {
            return new RPCException($error->getMessage(), 0, $error);
        }

        return new TransportException($error->getMessage(), 0, $error);
    }
}
