<?php

/**
 * Calls of the server's methods.
 *
 * @generate-class-entries
 */

namespace RrEmbed {

    /**
     * Calls the methods that the server's plugins offer: directly on a thread of the server, else over its RPC socket,
     * with one connection for each address and process. Connects with the first call.
     *
     * @strict-properties
     * @not-serializable
     */
    final class Rpc
    {
        /**
         * @param string|null $address "tcp://host:port" or "unix://path"; null takes the server this script runs in, else
         *                             RR_RPC, else the setting rr_embed.rpc
         * @param float|null $timeout seconds that a call may take; null is rr_embed.rpc_timeout (over a socket) and no
         *                            limit but that of the request (on a thread)
         *
         * @throws \ValueError when the timeout is not above 0
         */
        public function __construct(?string $address = null, ?float $timeout = null) {}

        /**
         * Calls a method and waits for its result.
         *
         * @param string $method such as "informer.Workers"
         * @param mixed $payload a value that JSON can hold; with another codec a string of encoded bytes
         * @param Codec $codec how the argument and the result are encoded
         *
         * @return mixed the decoded value, objects as arrays; with another codec than JSON the bytes
         *
         * @throws Exception\NotInServerException when there is no server to ask
         * @throws Exception\ServiceException when the server answers with an error
         * @throws Exception\TransportException when the server cannot be reached or the connection breaks
         * @throws Exception\TimeoutException when there is no result in time
         * @throws Exception\ClientDisconnectedException when nobody waits any more for the request in hand
         * @throws \ValueError when the payload has no form in JSON
         * @throws \TypeError when the payload is no string and the codec not JSON
         */
        public function call(string $method, mixed $payload, Codec $codec = Codec::Json): mixed {}

        /**
         * Sets off a call and does not wait for its result.
         *
         * @throws Exception\NotInServerException when there is no server to ask
         * @throws Exception\TransportException when the server cannot be reached
         */
        public function begin(string $method, string $payload, Codec $codec = Codec::Raw): PendingCall {}

        /**
         * Sets off a call whose result nobody needs; an error becomes a warning in the log.
         *
         * @throws Exception\NotInServerException when there is no server to ask
         * @throws Exception\TransportException when the server cannot be reached
         */
        public function send(string $method, string $payload, Codec $codec = Codec::Raw): void {}

        /**
         * The server's configuration, keys in lower case.
         *
         * @param string|null $section its name; null gives all of them
         *
         * @return array [] when there is no such section
         *
         * @throws Exception\NotInServerException when there is no server to ask
         * @throws Exception\ServiceException when the server answers with an error
         * @throws Exception\TransportException when the server cannot be reached or the connection breaks
         * @throws Exception\TimeoutException when there is no result in time
         */
        public function config(?string $section = null): array {}

        /**
         * Where calls go: "tcp://127.0.0.1:6001", "unix:///run/rr.sock"; "host" for the server this script runs in, ''
         * when there is none.
         *
         * @throws Exception\TransportException when it is no address
         */
        public function address(): string {}
    }

    /**
     * A call that Rpc::begin() has set off. Its destructor forgets the result.
     *
     * @strict-properties
     * @not-serializable
     */
    final class PendingCall
    {
        private function __construct() {}

        /**
         * Whether result() would return, or throw, at once. Never blocks.
         *
         * @throws Exception\InvalidStateException after cancel()
         */
        public function ready(): bool {}

        /**
         * Waits for the result. It can be asked for again.
         *
         * @param float|null $timeout seconds, 0 only looks; null is that of the Rpc object
         *
         * @return string the bytes of the result, in the call's codec
         *
         * @throws Exception\ServiceException when the server answers with an error
         * @throws Exception\TransportException when the connection breaks
         * @throws Exception\TimeoutException when there is no result in time
         * @throws Exception\ClientDisconnectedException when nobody waits any more for the request in hand
         * @throws Exception\InvalidStateException after cancel()
         */
        public function result(?float $timeout = null): string {}

        /** Nobody wants the result. What the method does is done all the same. */
        public function cancel(): void {}
    }
}
