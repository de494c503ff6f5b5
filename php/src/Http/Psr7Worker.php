<?php

declare(strict_types=1);

namespace RrEmbed\Http;

use Psr\Http\Message\ResponseInterface;
use Psr\Http\Message\ServerRequestFactoryInterface;
use Psr\Http\Message\ServerRequestInterface;
use Psr\Http\Message\StreamFactoryInterface;
use Psr\Http\Message\StreamInterface;
use Psr\Http\Message\UploadedFileFactoryInterface;
use Psr\Http\Message\UploadedFileInterface;
use RrEmbed\Exception\InvalidStateException;
use RrEmbed\Exception\TransportException;

/**
 * Serves HTTP requests as PSR-7 messages, made by any PSR-17 factories.
 *
 *     $factory = new Nyholm\Psr7\Factory\Psr17Factory();
 *     $worker = new RrEmbed\Http\Psr7Worker(new RrEmbed\Http\Worker(), $factory, $factory, $factory);
 *     while ($request = $worker->waitRequest()) {
 *         try {
 *             $worker->respond($app->handle($request));
 *         } catch (Throwable $error) {
 *             $worker->fail($error);
 *         }
 *     }
 *
 * Stands on the public methods of {@see Worker} and {@see Request} alone, so the same script runs on the threads of
 * rr-embed, where the extension provides them, and in processes.
 */
final class Psr7Worker
{
    /** Bytes. A longer body, and one whose length nobody knows, is read and sent in pieces. */
    private const WHOLE_BODY = 1 << 20;

    /** Bytes of a piece. */
    private const PIECE = 65536;

    /**
     * Implementations whose request takes method, URI, headers, body, version and server parameters at once. Copying
     * it for each header, all that PSR-17 offers, costs a third more.
     */
    private const CONSTRUCTORS = [
        'Nyholm\Psr7\Factory\Psr17Factory' => 'Nyholm\Psr7\ServerRequest',
        'GuzzleHttp\Psr7\HttpFactory' => 'GuzzleHttp\Psr7\ServerRequest',
    ];

    private ?Request $request = null;

    /** @var class-string<ServerRequestInterface>|null */
    private readonly ?string $constructor;

    public function __construct(
        private readonly Worker $worker,
        private readonly ServerRequestFactoryInterface $requests,
        private readonly StreamFactoryInterface $streams,
        private readonly UploadedFileFactoryInterface $files,
    ) {
        /** @var class-string<ServerRequestInterface>|null $constructor */
        $constructor = self::CONSTRUCTORS[$requests::class] ?? null;
        $this->constructor = $constructor;
    }

    public function getWorker(): Worker
    {
        return $this->worker;
    }

    /**
     * The request in hand, for what PSR-7 has no form for: files, a body piece by piece. Null before the first and after the last.
     */
    public function getRequest(): ?Request
    {
        return $this->request;
    }

    /**
     * Waits for a request and sets $_SERVER for it. A previous request without an answer gets 500; one that the
     * factories refuse, for a URI that PSR-7 has no form for, gets 400 and is not returned.
     *
     * @return ServerRequestInterface|null null when the server wants this worker to end: leave the loop
     *
     * @throws TransportException when the connection breaks or carries no frames
     */
    public function waitRequest(): ?ServerRequestInterface
    {
        while (null !== $this->request = $this->worker->accept()) {
            try {
                return $this->message($this->request);
            } catch (\InvalidArgumentException $error) {
                // The text alone: a client can cause it as often as it likes.
                $this->request->fail($error->getMessage(), 400);
            }
        }

        return null;
    }

    /**
     * Answers the request. A 1xx response is an interim one; the answer follows it.
     *
     * @param int<1, max>|null $piece bytes: a longer body is sent in pieces of so many; null: one above 1 MiB, in pieces of 64 KiB
     *
     * @throws InvalidStateException when no request waits for an answer
     * @throws \ValueError           when a header contains CR, LF or NUL; nothing was sent
     * @throws TransportException    when the server cannot be reached
     */
    public function respond(ResponseInterface $response, ?int $piece = null): void
    {
        $request = $this->request ?? throw new InvalidStateException('no request waits for an answer');
        $status = $response->getStatusCode();
        if ($status < 200) {
            $request->informational($status, self::headers($response));

            return;
        }
        $body = $response->getBody();
        $size = $body->getSize();
        if (null !== $size && $size <= ($piece ?? self::WHOLE_BODY)) {
            $request->respond($status, self::headers($response), 0 === $size ? '' : (string) $body);
        } else {
            $this->stream($request, $response, $body, $size, $piece ?? self::PIECE);
        }
    }

    /**
     * Ends the exchange because something went wrong, as {@see Request::fail()} does. Without a request it does nothing.
     *
     * @param int $status 400 to 599
     *
     * @throws TransportException when the server cannot be reached
     */
    public function fail(\Throwable|string $error, int $status = 500): void
    {
        $this->request?->fail($error, $status);
    }

    private function message(Request $request): ServerRequestInterface
    {
        $_SERVER = $request->server();
        $method = $request->method;
        // HTTP/1.0 allows a request without a host, PSR-7 has no form for a URI of such.
        $uri = '' === $request->host ? $_SERVER['REQUEST_URI'] : $request->uri;
        \assert(\is_string($uri));
        $version = match ($request->protocol) {
            'HTTP/1.0' => '1.0',
            'HTTP/2.0' => '2',
            default => '1.1',
        };
        $type = 'GET' === $method ? '' : (string) $request->header('Content-Type');
        $isForm = '' !== $type && (false !== stripos($type, 'application/x-www-form-urlencoded') || false !== stripos($type, 'multipart/form-data'));
        $body = $isForm ? '' : $request->body();
        $stream = '' === $body ? null : $this->streams->createStream($body);

        if (null !== $this->constructor) {
            $message = new $this->constructor($method, $uri, $request->headers, $stream, $version, $_SERVER);
        } else {
            $message = $this->requests->createServerRequest($method, $uri, $_SERVER);
            foreach ($request->headers as $name => $values) {
                $message = $message->withHeader((string) $name, $values);
            }
            if ('1.1' !== $version) {
                $message = $message->withProtocolVersion($version);
            }
            if (null !== $stream) {
                $message = $message->withBody($stream);
            }
        }
        if ('' !== $request->query) {
            $message = $message->withQueryParams($request->queryParams);
        }
        if ([] !== $request->cookies) {
            $message = $message->withCookieParams($request->cookies);
        }
        if ($isForm) {
            $message = $message->withParsedBody($request->parsedBody);
            $files = $request->files;
            if ([] !== $files) {
                $message = $message->withUploadedFiles($this->uploads($files));
            }
        }
        foreach ($request->attributes as $name => $value) {
            $message = $message->withAttribute((string) $name, $value);
        }

        return $message;
    }

    /**
     * @param array<array-key, mixed> $files
     *
     * @return array<array-key, UploadedFileInterface|array<array-key, mixed>>
     */
    private function uploads(array $files): array
    {
        $uploads = [];
        foreach ($files as $key => $file) {
            if ($file instanceof UploadedFile) {
                $stream = \UPLOAD_ERR_OK === $file->error ? $this->streams->createStreamFromFile($file->path) : $this->streams->createStream();
                $uploads[$key] = $this->files->createUploadedFile($stream, $file->size, $file->error, $file->clientName, $file->clientType);
            } elseif (\is_array($file)) {
                $uploads[$key] = $this->uploads($file);
            }
        }

        return $uploads;
    }

    private function stream(Request $request, ResponseInterface $response, StreamInterface $body, ?int $size, int $piece): void
    {
        $headers = self::headers($response);
        if (null !== $size && !$response->hasHeader('Content-Length')) {
            $headers['Content-Length'] = (string) $size;
        }
        if ('HEAD' === $request->method) {
            $request->respond($response->getStatusCode(), $headers);

            return;
        }
        if ($body->isSeekable()) {
            $body->rewind();
        }
        $writer = $request->open($response->getStatusCode(), $headers);
        while (!$body->eof() && $writer->write($body->read($piece))) {
        }
        $writer->end();
    }

    /**
     * @return array<string, string|list<string>>
     */
    private static function headers(ResponseInterface $response): array
    {
        /** @var array<string, list<string>> */
        return $response->getHeaders();
    }
}
