<?php

declare(strict_types=1);

namespace RrEmbed\Http;

use RrEmbed\Exception\InvalidStateException;
use RrEmbed\Exception\TransportException;
use RrEmbed\Internal\ContextCodec;
use RrEmbed\Internal\Exchange;
use RrEmbed\Internal\NotCopyable;

/**
 * An HTTP request and the means to answer it, once.
 *
 * Properties that need work are made when they are first read.
 *
 * @phpstan-import-type Context from ContextCodec
 *
 * @phpstan-type FileTree array<array-key, mixed>
 */
final class Request
{
    use NotCopyable;

    /** Bytes of a file that are read and sent at a time. */
    private const FILE_CHUNK = 262144;

    /** $_SERVER keys of header names met so far; bounded, for clients choose the names. */
    private const MAX_KNOWN_NAMES = 512;

    /** @var array<string, string> */
    private static array $serverKeys = [];

    /** @var array<array-key, mixed>|null the that the process began with */
    private static ?array $processServer = null;

    public readonly string $method;
    /** Absolute: scheme, host, path and query as the client sent them. */
    public readonly string $uri;
    /** As sent, without the query. */
    public readonly string $path;
    /** As sent, without the question mark. */
    public readonly string $query;
    /** For example `HTTP/1.1`. */
    public readonly string $protocol;
    public readonly string $scheme;
    /** With the port, if the client named one; '' when it named no host. */
    public readonly string $host;
    public readonly string $remoteAddr;
    /** 0 when the server does not tell, as to worker processes. */
    public readonly int $remotePort;
    /** Unique among the requests of all workers. */
    public readonly string $id;
    /** Seconds since 1970. */
    public readonly float $receivedAt;
    /** @var array<string, list<string>> names as received, values one a line */
    public readonly array $headers;
    /** @var array<string, string> decoded */
    public readonly array $cookies;
    /** @var array<array-key, mixed> what PHP puts into */
    public readonly array $queryParams;
    /** @var array<array-key, mixed> what PHP puts into, here for any method; empty when the body is no form */
    public readonly array $parsedBody;
    /** @var FileTree a tree with {@see UploadedFile} leaves, shaped by the field names */
    public readonly array $files;
    /** @var array<string, mixed> what middleware of the server found out */
    public readonly array $attributes;

    /** @var resource|null */
    private mixed $bodyStream = null;

    /**
     * @internal made by {@see Worker::accept()}
     *
     * @param Context $context
     */
    public function __construct(
        private readonly Exchange $exchange,
        private readonly array $context,
        private readonly string $body,
    ) {
        $this->method = $context['method'];
        $this->uri = $context['uri'];
        $this->query = $context['rawQuery'];
        $this->protocol = $context['protocol'];
        $this->cookies = $context['cookies'];
        $this->attributes = $context['attributes'];
        $address = $context['attributes']['ipAddress'] ?? null;
        $this->remoteAddr = \is_string($address) && '' !== $address ? $address : $context['remoteAddr'];
        $this->remotePort = 0;
        $this->receivedAt = microtime(true);
        // Unset, not uninitialised: PHP then asks __get() for them.
        unset($this->path, $this->scheme, $this->host, $this->id, $this->headers, $this->queryParams, $this->parsedBody, $this->files);
    }

    public function __get(string $name): mixed
    {
        switch ($name) {
            case 'path':
            case 'scheme':
            case 'host':
                $this->splitUri();
                break;
            case 'headers':
                // The server moves Host into the URI.
                $this->headers = '' === $this->host ? $this->context['headers'] : ['Host' => [$this->host]] + $this->context['headers'];
                break;
            case 'queryParams':
                $params = [];
                if ('' !== $this->query) {
                    parse_str($this->query, $params);
                }
                $this->queryParams = $params;
                break;
            case 'parsedBody':
                $tree = $this->context['parsed'] && '' !== $this->body ? json_decode($this->body, true) : null;
                $this->parsedBody = \is_array($tree) ? $tree : [];
                break;
            case 'files':
                $this->files = self::fileTree($this->context['uploads']);
                break;
            case 'id':
                $this->id = bin2hex(random_bytes(16));
                break;
            default:
                throw new \Error('Undefined property: '.self::class.'::$'.$name);
        }

        return $this->{$name};
    }

    public function __isset(string $name): bool
    {
        return \in_array($name, ['path', 'scheme', 'host', 'headers', 'queryParams', 'parsedBody', 'files', 'id'], true);
    }

    /**
     * The header's values, joined by ', '; null when the client did not send it.
     *
     * @param string $name in any case
     */
    public function header(string $name): ?string
    {
        $values = $this->headers[$name] ?? $this->headers[ucwords(strtolower($name), '-')] ?? null;
        if (null === $values) {
            foreach ($this->headers as $received => $candidate) {
                if (0 === strcasecmp((string) $received, $name)) {
                    $values = $candidate;
                    break;
                }
            }
        }

        return null === $values ? null : implode(', ', $values);
    }

    /**
     * The whole body as sent; '' for a form that the server parsed.
     */
    public function body(): string
    {
        return $this->context['parsed'] ? '' : $this->body;
    }

    /**
     * The body as a stream, the same with each call; the request's to close.
     *
     * @return resource
     */
    public function bodyStream(): mixed
    {
        if (null === $this->bodyStream) {
            $stream = fopen('php://memory', 'r+');
            \assert(false !== $stream);
            fwrite($stream, $this->body());
            rewind($stream);
            $this->bodyStream = $stream;
        }

        return $this->bodyStream;
    }

    /**
     * What $_SERVER holds for this request: the CGI keys, over the environment of the process.
     *
     * @param array<array-key, mixed> $extra wins over all
     *
     * @return array<array-key, mixed>
     */
    public function server(array $extra = []): array
    {
        $server = self::$processServer ??= $_SERVER;
        $target = $this->path;
        $colon = strrpos($this->host, ':');
        $port = false === $colon || str_ends_with($this->host, ']') ? '' : substr($this->host, $colon + 1);
        $server['GATEWAY_INTERFACE'] = 'CGI/1.1';
        $server['SERVER_SOFTWARE'] = 'rr-embed';
        $server['SERVER_PROTOCOL'] = $this->protocol;
        $server['SERVER_NAME'] = '' === $port ? $this->host : substr($this->host, 0, -1 - \strlen($port));
        $server['SERVER_PORT'] = '' === $port ? ('https' === $this->scheme ? '443' : '80') : $port;
        $server['REQUEST_METHOD'] = $this->method;
        $server['REQUEST_URI'] = '' === $this->query ? $target : $target.'?'.$this->query;
        $server['QUERY_STRING'] = $this->query;
        $server['REQUEST_SCHEME'] = $this->scheme;
        $server['HTTPS'] = 'https' === $this->scheme ? 'on' : '';
        $server['REMOTE_ADDR'] = $this->remoteAddr;
        $server['REMOTE_PORT'] = (string) $this->remotePort;
        $server['REQUEST_TIME'] = (int) $this->receivedAt;
        $server['REQUEST_TIME_FLOAT'] = $this->receivedAt;
        foreach ($this->headers as $name => $values) {
            $value = 1 === \count($values) ? $values[0] : implode(', ', $values);
            $server[self::$serverKeys[$name] ?? self::serverKey((string) $name)] = $value;
        }
        // Programs that PHP starts take a variable of this name for a proxy to use.
        unset($server['HTTP_PROXY']);
        if (isset($server['HTTP_CONTENT_TYPE'])) {
            $server['CONTENT_TYPE'] = $server['HTTP_CONTENT_TYPE'];
        }
        if (isset($server['HTTP_CONTENT_LENGTH'])) {
            $server['CONTENT_LENGTH'] = $server['HTTP_CONTENT_LENGTH'];
        }
        if (isset($server['HTTP_AUTHORIZATION'])) {
            $server = self::credentials((string) $this->header('Authorization')) + $server;
        }

        return [] === $extra ? $server : $extra + $server;
    }

    /**
     * Answers the request.
     *
     * @param int                                $status  200 to 599
     * @param array<string, string|list<string>> $headers
     *
     * @throws InvalidStateException when there is an answer already
     * @throws \ValueError           when a header contains CR, LF or NUL, or the status is none of a response; nothing was sent
     * @throws TransportException    when the server cannot be reached
     */
    public function respond(int $status, array $headers = [], string $body = ''): void
    {
        $this->exchange->respond($status, $headers, $body);
    }

    /**
     * Begins an answer whose body comes in pieces. The headers go with the first piece.
     *
     * @param int                                $status  200 to 599
     * @param array<string, string|list<string>> $headers
     *
     * @throws InvalidStateException when there is an answer already
     * @throws \ValueError           when a header contains CR, LF or NUL, or the status is none of a response; nothing was sent
     */
    public function open(int $status, array $headers = []): BodyWriter
    {
        $this->exchange->open($status, $headers);

        return new BodyWriter($this->exchange);
    }

    /**
     * Answers with a file, or a part of one.
     *
     * @param int                                $status  200 to 599
     * @param array<string, string|list<string>> $headers Content-Length is added when absent
     * @param int                                $offset  bytes to leave out at the start
     * @param int|null                           $length  bytes to send; null sends all to the end
     * @param bool                               $delete  delete the file after it was read
     *
     * @throws InvalidStateException when there is an answer already
     * @throws \ValueError           when the file cannot be read or ends before $offset, or as respond() does; nothing was sent
     * @throws TransportException    when the server cannot be reached
     */
    public function sendFile(string $path, int $status = 200, array $headers = [], int $offset = 0, ?int $length = null, bool $delete = false): void
    {
        if (!$this->exchange->isOpen()) {
            throw new InvalidStateException('the request has an answer already');
        }
        $file = is_file($path) ? @fopen($path, 'r') : false;
        if (false === $file) {
            throw new \ValueError("{$path} is not a file that can be read");
        }
        $size = (int) (fstat($file)['size'] ?? 0);
        if ($offset < 0 || $offset > $size || ($length ?? 0) < 0) {
            throw new \ValueError("{$path} has {$size} bytes: nothing to send from {$offset}, length ".($length ?? 'open'));
        }
        $length = min($length ?? $size, $size - $offset);
        fseek($file, $offset);
        $names = array_change_key_case($headers);
        if (!isset($names['content-length'])) {
            $headers['Content-Length'] = (string) $length;
        }
        if ($length <= self::FILE_CHUNK || 'HEAD' === $this->method) {
            $this->respond($status, $headers, 'HEAD' === $this->method ? '' : (string) stream_get_contents($file, $length));
        } else {
            $body = $this->open($status, $headers);
            while ($length > 0 && '' !== ($chunk = (string) fread($file, min(self::FILE_CHUNK, $length))) && $body->write($chunk)) {
                $length -= \strlen($chunk);
            }
            $body->end();
        }
        fclose($file);
        if ($delete) {
            @unlink($path);
        }
    }

    /**
     * Sends an interim response, such as 103 with links to preload. May be called several times before the answer.
     *
     * @param int                                $status  100 to 199, not 101
     * @param array<string, string|list<string>> $headers
     *
     * @return bool false when it is too late for it, or the client is gone
     *
     * @throws \ValueError        when a header contains CR, LF or NUL, or the status is none of an interim response; nothing was sent
     * @throws TransportException when the server cannot be reached
     */
    public function informational(int $status, array $headers): bool
    {
        return $this->exchange->informational($status, $headers);
    }

    /**
     * Ends the exchange because something went wrong: the text goes to the server's log, never to the client.
     *
     * Without an answer so far the client gets $status with an empty body (500 as `http.internal_error_code` says); an open body ends where it is; after an answer it only logs.
     *
     * @param int $status 400 to 599
     *
     * @throws TransportException when the server cannot be reached
     */
    public function fail(\Throwable|string $error, int $status = 500): void
    {
        $this->exchange->fail((string) $error, $status);
    }

    /**
     * Whether an answer was given or begun.
     */
    public function responded(): bool
    {
        return !$this->exchange->isOpen();
    }

    private function splitUri(): void
    {
        $uri = $this->uri;
        $colon = str_starts_with($uri, '/') ? false : strpos($uri, '://');
        $start = false === $colon ? (str_starts_with($uri, '//') ? 2 : 0) : $colon + 3;
        $hostEnd = 0 === $start ? 0 : $start + strcspn($uri, '/?#', $start);
        $host = substr($uri, $start, $hostEnd - $start);
        $at = strrpos($host, '@');
        $this->scheme = false === $colon ? 'http' : substr($uri, 0, $colon);
        $this->host = false === $at ? $host : substr($host, $at + 1);
        $path = substr($uri, $hostEnd, strcspn($uri, '?', $hostEnd));
        $this->path = '' === $path ? '/' : $path;
    }

    private static function serverKey(string $name): string
    {
        if (\count(self::$serverKeys) >= self::MAX_KNOWN_NAMES) {
            self::$serverKeys = [];
        }

        return self::$serverKeys[$name] = 'HTTP_'.strtr(strtoupper($name), '-', '_');
    }

    /**
     * @return array<string, string>
     */
    private static function credentials(string $authorization): array
    {
        [$scheme, $rest] = explode(' ', $authorization, 2) + [1 => ''];
        if (0 === strcasecmp($scheme, 'digest')) {
            return ['PHP_AUTH_DIGEST' => $rest];
        }
        $pair = 0 === strcasecmp($scheme, 'basic') ? base64_decode($rest, true) : false;
        if (false === $pair || !str_contains($pair, ':')) {
            return [];
        }
        [$user, $password] = explode(':', $pair, 2);

        return ['PHP_AUTH_USER' => $user, 'PHP_AUTH_PW' => $password];
    }

    /**
     * @param array<mixed> $uploads
     *
     * @return FileTree
     */
    private static function fileTree(array $uploads): array
    {
        $files = [];
        foreach ($uploads as $key => $node) {
            if (!\is_array($node)) {
                continue;
            }
            // A field may be called tmpName too; then its value is a tree.
            if (\is_string($node['tmpName'] ?? null)) {
                /** @var array{name: string, mime: string, size: int, error: int, tmpName: string} $node */
                $files[$key] = new UploadedFile($node['name'], $node['mime'], $node['tmpName'], $node['size'], $node['error']);
            } else {
                $files[$key] = self::fileTree($node);
            }
        }

        return $files;
    }
}
