<?php

declare(strict_types=1);

namespace RrEmbed\Bridge\Spiral;

use Psr\Http\Message\ResponseInterface;
use Psr\Http\Message\ServerRequestFactoryInterface;
use Psr\Http\Message\ServerRequestInterface;
use Psr\Http\Message\StreamFactoryInterface;
use Psr\Http\Message\UploadedFileFactoryInterface;
use RrEmbed\Http\Psr7Worker as NativePsr7Worker;
use RrEmbed\Http\Worker;
use Spiral\RoadRunner\Http\PSR7Worker as SpiralPsr7Worker;

/**
 * The package's PSR-7 worker for code that asks for that class, such as Laravel Octane, on {@see NativePsr7Worker}: on a thread of the
 * server nothing is encoded on the way.
 *
 * With $chunkSize above 0 bodies are sent in pieces of so many bytes; else those above 1 MiB are, in pieces of 64 KiB. getHttpWorker()
 * answers the request in hand, also with generators.
 */
final class Psr7Worker extends SpiralPsr7Worker
{
    private readonly NativePsr7Worker $native;

    /**
     * @param Worker|null $worker null makes one
     *
     * @throws \RrEmbed\Exception\NotInServerException when no server started this script as a worker
     */
    public function __construct(
        ServerRequestFactoryInterface $requestFactory,
        StreamFactoryInterface $streamFactory,
        UploadedFileFactoryInterface $uploadsFactory,
        ?Worker $worker = null,
    ) {
        $this->native = new NativePsr7Worker($worker ?? new Worker(), $requestFactory, $streamFactory, $uploadsFactory);
        parent::__construct(new RequestWorker($this->native), $requestFactory, $streamFactory, $uploadsFactory);
    }

    public function waitRequest(): ?ServerRequestInterface
    {
        return $this->native->waitRequest();
    }

    public function respond(ResponseInterface $response): void
    {
        $this->native->respond($response, $this->chunkSize > 0 ? $this->chunkSize : null);
    }
}
