<?php

/**
 * The extension rr_embed: what PHP scripts can ask of the server they run in.
 *
 * @generate-class-entries
 */

namespace {

    /**
     * Waits for the next HTTP request and runs $handler with superglobals, php://input and header()
     * set up for it; what it prints is the answer. Alias of RrEmbed\handle_request().
     *
     * @return bool false when the worker should leave its loop
     */
    function rr_embed_handle_request(callable $handler): bool {}
}

namespace RrEmbed {

    /** How this PHP reaches the server. */
    enum Transport: string
    {
        /** It runs on a thread of the server: plain function calls. */
        case Host = 'host';
        /** Goridge RPC over a socket. */
        case Socket = 'socket';
        case None = 'none';
    }

    /** What kind of work a worker gets (RR_MODE). */
    enum Mode: string
    {
        case Http = 'http';
        case Jobs = 'jobs';
        case Grpc = 'grpc';
        case Tcp = 'tcp';
        case Centrifuge = 'centrifuge';
        case Temporal = 'temporal';
        case Task = 'task';
    }

    /** Encoding of a payload; the values are goridge's flag bits. */
    enum Codec: int
    {
        case Raw = 4;
        case Json = 8;
        case Msgpack = 16;
        case Proto = 128;
    }

    enum LogLevel: int
    {
        case Debug = -4;
        case Info = 0;
        case Warning = 4;
        case Error = 8;
    }

    /** Version of the server, or of the extension where there is none. */
    function version(): string {}

    function transport(): Transport {}

    /** Whether the server can be called from here. */
    function available(): bool {}

    /** Whether this script is a worker (or runs in classic mode) on the server. */
    function in_worker(): bool {}

    /** What this worker serves; null outside a worker. */
    function mode(): ?Mode {}

    /** Number of the worker's slot, from 1, the same over recycles; null outside a worker. */
    function worker_id(): ?int {}

    /**
     * Waits for the next HTTP request and runs $handler with $_GET, $_POST, $_COOKIE, $_FILES, $_SERVER,
     * php://input and header() set up for it; what it prints is the answer. exit() ends the request, not
     * the script; shutdown functions registered by the handler run at its end; settings, error handlers
     * and the session are put back. An uncaught exception is logged and answered with 500.
     *
     * @param callable $handler called without arguments, its result is ignored
     *
     * @return bool false when the worker should leave its loop: the server stops or wants a fresh one
     *
     * @throws Exception\NotInServerException outside a worker
     * @throws Exception\InvalidStateException inside a handler
     */
    function handle_request(callable $handler): bool {}

    /** Sends the answer now; the script goes on. False when it was sent already or there is no request. */
    function finish_request(): bool {}

    /**
     * Sends an interim response (1xx, not 101), such as 103 Early Hints.
     *
     * @param array $headers name => value, or list of values
     *
     * @return bool false when nobody receives it: no request, answered already, client gone
     *
     * @throws \ValueError when the status is not 1xx, or a header holds CR, LF or NUL
     */
    function send_informational(int $status, array $headers): bool {}

    /** @return array<string, string> the request's headers, repeated ones joined by ", " */
    function request_headers(): array {}

    /** @return array<string, string> the headers set so far by header() */
    function response_headers(): array {}

    /** Whether somebody still waits for the answer. */
    function connection_alive(): bool {}

    /** Asks for a fresh interpreter after this request. */
    function recycle(): void {}

    /** One frame of work: what the raw loop gets. */
    final readonly class Payload
    {
        public readonly string $body;
        public readonly string $header;
        public readonly bool $last;
        public readonly int $flags;

        /**
         * @param string $header the context, in the codec that $flags names
         * @param bool $last false while more frames of the same message follow
         * @param int $flags the flags byte of the frame, a Codec among its bits
         */
        public function __construct(string $body, string $header = '', bool $last = true, int $flags = 0) {}
    }

    /**
     * The raw loop of a worker: bytes in, bytes out, one request at a time.
     *
     * @strict-properties
     * @not-serializable
     */
    final class Worker
    {
        private function __construct() {}

        /**
         * The worker that this script is.
         *
         * @throws Exception\NotInServerException outside a worker
         */
        public static function current(): Worker {}

        /**
         * Waits for the next request.
         *
         * @param float|null $timeout seconds; null waits for as long as it takes, 0 only looks
         *
         * @return Payload|null null when the server wants this worker to end: leave the loop
         *
         * @throws Exception\TimeoutException when nothing came in time
         * @throws Exception\InvalidStateException while the previous request has no answer
         */
        public function next(?float $timeout = null): ?Payload {}

        /**
         * Answers the request, or sends one piece of the answer.
         *
         * @param string $header the context of the answer, in $codec
         * @param bool $last false when more pieces follow
         * @param Codec|null $codec null repeats the codec of the request
         *
         * @throws Exception\InvalidStateException when no request waits for an answer
         */
        public function respond(string $body, string $header = '', bool $last = true, ?Codec $codec = null): void {}

        /**
         * Answers the request with an error; the worker goes on.
         *
         * @throws Exception\InvalidStateException when no request waits for an answer
         */
        public function error(string $message): void {}

        /** Asks to be replaced. A request that waits for an answer is given to another worker; next() returns null. */
        public function stop(): void {}

        /** Whether nobody wants the rest of the answer any more. Never blocks. */
        public function cancelled(): bool {}
    }
}

namespace RrEmbed\Exception {

    interface RrEmbedException extends \Throwable
    {
    }

    /** There is no server to ask. */
    class NotInServerException extends \LogicException implements RrEmbedException
    {
    }

    /** A call that does not fit what happened before: a second answer, a request inside a request. */
    class InvalidStateException extends \LogicException implements RrEmbedException
    {
    }

    /** The server, or this way to reach it, cannot do that. */
    class UnsupportedException extends \RuntimeException implements RrEmbedException
    {
    }

    /** The server could not be reached, or the connection broke. */
    class TransportException extends \RuntimeException implements RrEmbedException
    {
    }

    class TimeoutException extends \RuntimeException implements RrEmbedException
    {
    }

    class ClientDisconnectedException extends \RuntimeException implements RrEmbedException
    {
    }

    /** The server answered a call with an error. */
    class ServiceException extends \RuntimeException implements RrEmbedException
    {
        public readonly string $method;
        public readonly string $serverMessage;

        /**
         * @param string $method the method called, "service.Method"
         * @param string $serverMessage the server's text, unchanged: clients search it
         */
        public function __construct(string $method, string $serverMessage, ?\Throwable $previous = null) {}
    }
}

namespace RrEmbed\Http {

    /**
     * Serves HTTP requests, one after the other.
     *
     * @strict-properties
     * @not-serializable
     */
    final class Worker
    {
        /** @throws \RrEmbed\Exception\NotInServerException outside a worker */
        public function __construct() {}

        /**
         * Waits for a request. A previous one without an answer gets 500, an open body ends.
         *
         * @param float|null $timeout seconds; null waits for as long as it takes, 0 only looks
         *
         * @return Request|null null when the server wants this worker to end: leave the loop
         *
         * @throws \RrEmbed\Exception\TimeoutException when nothing came in time
         */
        public function accept(?float $timeout = null): ?Request {}

        /**
         * Serves requests until the server wants this worker to end.
         *
         * What the handler returns is the answer: a body, pieces of a body, [status, headers, body], or null
         * when it has answered through the request. What it throws becomes a 500, with the text in the log.
         *
         * @param callable $handler called with the Request
         *
         * @return int 0, for exit()
         */
        public function run(callable $handler): int {}

        /**
         * A stream that is readable when accept(0) would return, for event loops. Only select on it.
         *
         * @return resource
         */
        public function ready(): mixed {}
    }

    /**
     * An HTTP request and the means to answer it, once. Properties are made when they are first read, which
     * must be before the next accept() unless the object is kept elsewhere too.
     *
     * @strict-properties
     * @not-serializable
     */
    final class Request
    {
        public readonly string $method;
        /** Absolute: scheme, host, path and query as the client sent them. */
        public readonly string $uri;
        /** As sent, without the query. */
        public readonly string $path;
        /** As sent, without the question mark. */
        public readonly string $query;
        /** For example HTTP/1.1. */
        public readonly string $protocol;
        public readonly string $scheme;
        /** With the port, if the client named one; '' when it named no host. */
        public readonly string $host;
        public readonly string $remoteAddr;
        public readonly int $remotePort;
        /** Unique among the requests of all workers. */
        public readonly string $id;
        /** Seconds since 1970. */
        public readonly float $receivedAt;
        /** name => list of values, names as received */
        public readonly array $headers;
        /** Decoded. */
        public readonly array $cookies;
        /** What PHP puts into $_GET. */
        public readonly array $queryParams;
        /** What PHP puts into $_POST, here for any method; empty when the body is no form. */
        public readonly array $parsedBody;
        /** A tree with UploadedFile leaves, shaped by the field names. */
        public readonly array $files;
        /** What middleware of the server found out: name => value. */
        public readonly array $attributes;

        private function __construct() {}

        /** The header's values, joined by ', '; null when the client did not send it. */
        public function header(string $name): ?string {}

        /** The whole body as sent; '' for a form that was parsed with uploads. */
        public function body(): string {}

        /**
         * The body as a stream, the same with each call; the request's to close.
         *
         * @return resource
         */
        public function bodyStream(): mixed {}

        /**
         * What $_SERVER holds for this request.
         *
         * @param array $extra wins over all
         */
        public function server(array $extra = []): array {}

        /**
         * Answers the request.
         *
         * @param int $status 200 to 599
         * @param array $headers name => value, or list of values
         *
         * @throws \RrEmbed\Exception\InvalidStateException when there is an answer already
         * @throws \ValueError when a header holds CR, LF or NUL, or the status is none of a response
         */
        public function respond(int $status, array $headers = [], string $body = ''): void {}

        /**
         * Begins an answer whose body comes in pieces. The headers go with the first piece.
         *
         * @param int $status 200 to 599
         * @param array $headers name => value, or list of values
         *
         * @throws \RrEmbed\Exception\InvalidStateException when there is an answer already
         * @throws \ValueError when a header holds CR, LF or NUL, or the status is none of a response
         */
        public function open(int $status, array $headers = []): BodyWriter {}

        /**
         * Answers with a file, or a part of one.
         *
         * @param array $headers Content-Length is added when absent
         * @param int $offset bytes to leave out at the start
         * @param int|null $length bytes to send; null sends all to the end
         * @param bool $delete delete the file after it was read
         *
         * @throws \RrEmbed\Exception\InvalidStateException when there is an answer already
         * @throws \ValueError when the file cannot be read or ends before $offset, or as respond() does
         */
        public function sendFile(string $path, int $status = 200, array $headers = [], int $offset = 0, ?int $length = null, bool $delete = false): void {}

        /**
         * Sends an interim response, such as 103 with links to preload.
         *
         * @param int $status 100 to 199, not 101
         * @param array $headers name => value, or list of values
         *
         * @return bool false when it is too late for it, or the client is gone
         *
         * @throws \ValueError when a header holds CR, LF or NUL, or the status is none of an interim response
         */
        public function informational(int $status, array $headers): bool {}

        /**
         * Ends the exchange because something went wrong: the text goes to the server's log. Without an answer
         * so far the client gets $status with an empty body; an open body ends where it is.
         *
         * @param int $status 400 to 599
         */
        public function fail(\Throwable|string $error, int $status = 500): void {}

        /** Whether an answer was given or begun. */
        public function responded(): bool {}
    }

    /**
     * The body of a response, piece by piece. Its destructor ends the body.
     *
     * @strict-properties
     * @not-serializable
     */
    final class BodyWriter
    {
        private function __construct() {}

        /**
         * Sends a piece; the first one takes the headers along. Blocks while the client reads slower than this writes.
         *
         * @return bool false when the client is gone: stop producing
         *
         * @throws \RrEmbed\Exception\InvalidStateException after the end of the body
         */
        public function write(string $chunk): bool {}

        /**
         * Sends the headers now if no piece did; pieces never wait.
         *
         * @throws \RrEmbed\Exception\InvalidStateException after the end of the body
         */
        public function flush(): void {}

        /**
         * Sets headers that follow the body, where the protocol can send them. Sends the headers now if no piece did.
         * An answer with a Content-Length, and one to an HTTP/1.0 client, has none.
         *
         * @param array $headers name => value, or list of values
         *
         * @throws \RrEmbed\Exception\InvalidStateException after the end of the body
         * @throws \ValueError when one holds CR, LF or NUL
         */
        public function trailers(array $headers): void {}

        /**
         * Ends the body.
         *
         * @throws \RrEmbed\Exception\InvalidStateException after the end of the body
         */
        public function end(string $last = ''): void {}
    }

    /** A file that the client sent. It is deleted after the exchange unless it was moved. */
    final readonly class UploadedFile
    {
        /** The name at the client's side; never a path to write to. */
        public readonly string $clientName;
        /** The media type as the client says. */
        public readonly string $clientType;
        /** Where it is stored; '' when it is not. */
        public readonly string $path;
        public readonly int $size;
        /** An UPLOAD_ERR_* constant. */
        public readonly int $error;

        public function __construct(string $clientName, string $clientType, string $path, int $size, int $error) {}

        /**
         * Moves the file; it is then the caller's.
         *
         * @param string $target the new path, with the name; an existing file is replaced
         *
         * @throws \RrEmbed\Exception\InvalidStateException when there is no file: not stored, or moved already
         * @throws \ValueError when $target cannot be written
         */
        public function moveTo(string $target): void {}
    }
}
