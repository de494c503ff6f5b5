<?php

declare(strict_types=1);

/*
 * What php/src/Bridge/Spiral uses of RoadRunner's packages, for PHPStan: they are no requirement. Never loaded.
 */

namespace Spiral\Goridge {
    interface RelayInterface
    {
        public function waitFrame(): Frame;

        public function send(Frame $frame): void;

        public function hasFrame(): bool;
    }

    final class Frame
    {
        public const CONTROL = 0x01;
        public const ERROR = 0x40;
        public const CODEC_RAW = 0x04;
        public const CODEC_JSON = 0x08;
        public const CODEC_MSGPACK = 0x10;
        public const CODEC_PROTO = 0x80;
        public const BYTE10_STREAM = 0x01;
        public const BYTE10_STOP = 0x02;

        public int $byte10 = 0;
        public int $byte11 = 0;

        /**
         * @param list<int> $options
         */
        public function __construct(public ?string $payload, public array $options = [], public int $flags = 0)
        {
        }

        public function hasFlag(int $flag): bool
        {
        }
    }
}

namespace Spiral\Goridge\Exception {
    class GoridgeException extends \RuntimeException
    {
    }

    class RelayException extends GoridgeException
    {
    }

    class TransportException extends RelayException
    {
    }
}

namespace Spiral\Goridge\RPC {
    interface CodecInterface
    {
        public function getIndex(): int;

        public function encode(mixed $payload): string;

        public function decode(string $payload, mixed $options = null): mixed;
    }

    interface RPCInterface
    {
        /**
         * @param non-empty-string $service
         */
        public function withServicePrefix(string $service): self;

        public function withCodec(CodecInterface $codec): self;

        public function call(string $method, mixed $payload, mixed $options = null): mixed;
    }

    interface AsyncRPCInterface extends RPCInterface
    {
        public function callIgnoreResponse(string $method, mixed $payload): void;

        public function callAsync(string $method, mixed $payload): int;

        public function hasResponse(int $seq): bool;

        /**
         * @param array<array-key, int> $seqs
         *
         * @return array<array-key, int>
         */
        public function hasResponses(array $seqs): array;

        public function getResponse(int $seq, mixed $options = null): mixed;

        /**
         * @param array<array-key, int> $seqs
         *
         * @return iterable<int, mixed>
         */
        public function getResponses(array $seqs, mixed $options = null): iterable;
    }

    class RPC implements RPCInterface
    {
        /**
         * @param non-empty-string $connection
         */
        public static function create(string $connection, CodecInterface $codec = new Codec\JsonCodec()): RPCInterface
        {
        }

        public function withServicePrefix(string $service): RPCInterface
        {
        }

        public function withCodec(CodecInterface $codec): RPCInterface
        {
        }

        public function call(string $method, mixed $payload, mixed $options = null): mixed
        {
        }
    }

    class MultiRPC
    {
        public const ERR_INVALID_SEQ_NUMBER = '';
    }
}

namespace Spiral\Goridge\RPC\Codec {
    use Spiral\Goridge\RPC\CodecInterface;

    final class JsonCodec implements CodecInterface
    {
        public function getIndex(): int
        {
        }

        public function encode(mixed $payload): string
        {
        }

        public function decode(string $payload, mixed $options = null): mixed
        {
        }
    }
}

namespace Spiral\Goridge\RPC\Exception {
    use Spiral\Goridge\Exception\GoridgeException;

    class RPCException extends GoridgeException
    {
    }

    class ServiceException extends RPCException
    {
    }
}

namespace Spiral\RoadRunner {
    interface EnvironmentInterface
    {
        public function getMode(): string;

        public function getRelayAddress(): string;

        public function getRPCAddress(): string;
    }

    class Payload
    {
        public readonly string $body;
        public readonly string $header;

        public function __construct(?string $body, ?string $header = null, public readonly bool $eos = true)
        {
        }
    }

    interface WorkerInterface
    {
        public function waitPayload(): ?Payload;

        public function respond(Payload $payload): void;

        public function error(string $error): void;

        public function stop(): void;

        /**
         * @param class-string<Payload>|null $class
         */
        public function hasPayload(?string $class = null): bool;

        /**
         * @param class-string<Payload>|null $class
         */
        public function getPayload(?string $class = null): ?Payload;
    }

    interface StreamWorkerInterface extends WorkerInterface
    {
        public function withStreamMode(): static;
    }
}

namespace Spiral\RoadRunner\Exception {
    final class RoadRunnerException extends \RuntimeException
    {
    }
}

namespace Spiral\RoadRunner\Message\Command {
    use Spiral\RoadRunner\Payload;

    final class StreamStop extends Payload
    {
    }

    final class WorkerStop extends Payload
    {
    }
}

namespace Spiral\RoadRunner\Http {
    use Psr\Http\Message\ResponseInterface;
    use Psr\Http\Message\ServerRequestFactoryInterface;
    use Psr\Http\Message\ServerRequestInterface;
    use Psr\Http\Message\StreamFactoryInterface;
    use Psr\Http\Message\UploadedFileFactoryInterface;
    use Spiral\RoadRunner\WorkerInterface;

    class PSR7Worker
    {
        public int $chunkSize = 0;

        public function __construct(WorkerInterface $worker, ServerRequestFactoryInterface $requestFactory, StreamFactoryInterface $streamFactory, UploadedFileFactoryInterface $uploadsFactory)
        {
        }

        public function getWorker(): WorkerInterface
        {
        }

        public function waitRequest(): ?ServerRequestInterface
        {
        }

        public function respond(ResponseInterface $response): void
        {
        }
    }
}
