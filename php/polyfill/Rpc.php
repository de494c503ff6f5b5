<?php

declare(strict_types=1);

namespace RrEmbed;

use RrEmbed\Internal\Address;
use RrEmbed\Internal\Environment;
use RrEmbed\Internal\NotCopyable;
use RrEmbed\Internal\RpcConnection;

/**
 * Calls the methods of a running server, by goridge RPC.
 *
 *     $rpc = new RrEmbed\Rpc();
 *     $version = $rpc->call('rpc.Version', true);
 *
 * All objects for one address share one connection. Calls may overlap: {@see begin()} returns at once, replies are matched to
 * their calls.
 */
final class Rpc
{
    use NotCopyable;

    private ?RpcConnection $connection = null;
    private readonly float $timeout;

    /**
     * Connects to nothing yet.
     *
     * @param string|null $address `tcp://host:port`, `:port` or `unix://path`; null is the server this script belongs to: RR_RPC, else the setting rr_embed.rpc
     * @param float|null  $timeout seconds that a call may take; null is the setting rr_embed.rpc_timeout, 5
     *
     * @throws \ValueError when the timeout is not above 0
     */
    public function __construct(private readonly ?string $address = null, ?float $timeout = null)
    {
        if (null !== $timeout && !($timeout > 0)) {
            throw new \ValueError('RrEmbed\Rpc::__construct(): Argument #2 ($timeout) must be greater than 0');
        }
        $this->timeout = $timeout ?? Environment::rpcTimeout();
    }

    /**
     * Calls a method and waits for its reply.
     *
     * @param string $method  `service.Method`
     * @param mixed  $payload anything that JSON has; bytes for the other codecs
     *
     * @return mixed what the JSON of the reply is, objects as arrays; a string of bytes for the other codecs
     *
     * @throws Exception\NotInServerException when no address is known
     * @throws Exception\ServiceException     when the server answers with an error
     * @throws Exception\TimeoutException     when there is no reply in time
     * @throws Exception\TransportException   when the server cannot be reached, or the connection breaks
     * @throws \ValueError                    when the payload has no form in JSON
     * @throws \TypeError                     when the payload of another codec is no string
     */
    public function call(string $method, mixed $payload, Codec $codec = Codec::Json): mixed
    {
        if (Codec::Json !== $codec) {
            if (!\is_string($payload)) {
                throw new \TypeError('RrEmbed\Rpc::call(): Argument #2 ($payload) must be of type string, '.get_debug_type($payload).' given');
            }

            return $this->begin($method, $payload, $codec)->result();
        }
        try {
            $json = json_encode($payload, \JSON_THROW_ON_ERROR);
        } catch (\JsonException $error) {
            throw new \ValueError('RrEmbed\Rpc::call(): Argument #2 ($payload) has no form in JSON: '.$error->getMessage(), 0, $error);
        }
        $reply = $this->begin($method, $json, $codec)->result();
        try {
            return '' === $reply ? null : json_decode($reply, true, 512, \JSON_THROW_ON_ERROR);
        } catch (\JsonException $error) {
            throw new Exception\TransportException("the reply to {$method} is no JSON", 0, $error);
        }
    }

    /**
     * Sends a call and does not wait for its reply.
     *
     * @param string $method  `service.Method`
     * @param string $payload in $codec
     *
     * @throws Exception\NotInServerException when no address is known
     * @throws Exception\TimeoutException     when the server does not take the call in time
     * @throws Exception\TransportException   when the server cannot be reached
     * @throws Exception\UnsupportedException when the call has more than 256 MiB
     */
    public function begin(string $method, string $payload, Codec $codec = Codec::Raw): PendingCall
    {
        $connection = $this->connection ??= $this->connect();

        return new PendingCall($connection, $connection->begin($method, $payload, $codec->value, true, $this->timeout), $this->timeout);
    }

    /**
     * Sends a call whose reply nobody wants. An error in it goes to PHP's error log.
     *
     * @param string $method  `service.Method`
     * @param string $payload in $codec
     *
     * @throws Exception\NotInServerException when no address is known
     * @throws Exception\TimeoutException     when the server does not take the call in time
     * @throws Exception\TransportException   when the server cannot be reached
     * @throws Exception\UnsupportedException when the call has more than 256 MiB
     */
    public function send(string $method, string $payload, Codec $codec = Codec::Raw): void
    {
        $connection = $this->connection ??= $this->connect();
        $connection->begin($method, $payload, $codec->value, false, $this->timeout);
    }

    /**
     * The server's configuration as it runs, with names in lower case.
     *
     * @param string|null $section one of its sections; null is all of them by name
     *
     * @return array<array-key, mixed> empty when there is no such section
     *
     * @throws Exception\NotInServerException when no address is known
     * @throws Exception\ServiceException     when the server answers with an error
     * @throws Exception\TimeoutException     when there is no reply in time
     * @throws Exception\TransportException   when the server cannot be reached, or the connection breaks
     */
    public function config(?string $section = null): array
    {
        $config = json_decode($this->begin('rpc.Config', '', Codec::Raw)->result(), true);
        if (!\is_array($config)) {
            throw new Exception\TransportException('the reply to rpc.Config is no JSON');
        }

        return null === $section ? $config : (array) ($config[strtolower($section)] ?? []);
    }

    /**
     * Where the calls go, such as tcp://127.0.0.1:6001.
     *
     * @return string '' when no address is known
     *
     * @throws Exception\TransportException when it is none
     */
    public function address(): string
    {
        $address = $this->address ?? Environment::rpcAddress();

        return null === $this->address && '' === $address ? '' : Address::normalise($address);
    }

    private function connect(): RpcConnection
    {
        $address = $this->address();
        if ('' === $address) {
            throw Environment::notInServer(self::class);
        }

        return RpcConnection::to($address);
    }
}
