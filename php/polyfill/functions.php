<?php

declare(strict_types=1);

namespace RrEmbed {
    use RrEmbed\Exception\UnsupportedException;
    use RrEmbed\Internal\Environment;
    use RrEmbed\Internal\WorkerChannel;

    /**
     * The version of this library; with the extension, its version.
     */
    function version(): string
    {
        return '0.1.0';
    }

    /**
     * How calls reach the server.
     */
    function transport(): Transport
    {
        return in_worker() || available() ? Transport::Socket : Transport::None;
    }

    /**
     * Whether this process knows a server that it can call. It is not asked whether the server answers.
     */
    function available(): bool
    {
        return '' !== Environment::rpcAddress();
    }

    /**
     * Whether a server started this process as a worker.
     */
    function in_worker(): bool
    {
        return Environment::isWorker();
    }

    /**
     * The plugin this worker works for; null outside a worker and for a plugin that this version does not know.
     */
    function mode(): ?Mode
    {
        return Mode::tryFrom(Environment::get('RR_MODE'));
    }

    /**
     * The slot of this worker in its pool, stable over recycles; null where the server does not tell, as in processes.
     */
    function worker_id(): ?int
    {
        return null;
    }

    /**
     * Serves one request in the style of superglobals. Needs the extension: the CLI drops headers, and nothing but the engine fills php://input.
     *
     * @param callable(): mixed $handler
     *
     * @throws Exception\NotInServerException outside a worker
     * @throws UnsupportedException           in a worker without the extension
     */
    function handle_request(callable $handler): bool
    {
        if (!in_worker()) {
            throw Environment::notInServer('RrEmbed\handle_request()');
        }

        throw new UnsupportedException('RrEmbed\handle_request() needs the extension rr_embed in a worker process: the CLI drops headers. Use RrEmbed\Http\Worker, set http.pool.mode to "embed", or install the extension.');
    }

    /**
     * Gives the response to the client while the script goes on, where the SAPI can.
     */
    function finish_request(): bool
    {
        return \function_exists('fastcgi_finish_request') && fastcgi_finish_request();
    }

    /**
     * Sends an interim response for the request of handle_request(); false where there is none, as always without the extension.
     *
     * @param int                                $status  100 to 199, not 101
     * @param array<string, string|list<string>> $headers
     */
    function send_informational(int $status, array $headers): bool
    {
        return false;
    }

    /**
     * The headers of the request that the SAPI handles.
     *
     * @return array<string, string>
     */
    function request_headers(): array
    {
        /** @var array<string, string> */
        return \function_exists('getallheaders') ? getallheaders() : [];
    }

    /**
     * The headers that header() has collected for the response; a repeated one is joined with ', '.
     *
     * @return array<string, string>
     */
    function response_headers(): array
    {
        $headers = [];
        foreach (headers_list() as $line) {
            [$name, $value] = explode(':', $line, 2) + [1 => ''];
            $headers[$name] = (isset($headers[$name]) ? $headers[$name].', ' : '').ltrim($value);
        }

        return $headers;
    }

    /**
     * Whether the client of the request that the SAPI handles is still there.
     */
    function connection_alive(): bool
    {
        return \CONNECTION_NORMAL === connection_status();
    }

    /**
     * Asks for a fresh interpreter after this exchange: the worker's loop ends and the server starts another process. Outside a worker it does nothing.
     */
    function recycle(): void
    {
        if (in_worker()) {
            WorkerChannel::current(__FUNCTION__)->recycle();
        }
    }
}

namespace {
    /**
     * @see RrEmbed\handle_request()
     *
     * @param callable(): mixed $handler
     */
    function rr_embed_handle_request(callable $handler): bool
    {
        return \RrEmbed\handle_request($handler);
    }
}
