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
    }
}
