<?php

declare(strict_types=1);

namespace RrEmbed\Tests\Goridge;

use PHPUnit\Framework\Attributes\TestWith;
use PHPUnit\Framework\TestCase;
use RrEmbed\Exception\TransportException;
use RrEmbed\Goridge\Frame;
use RrEmbed\Goridge\Relay;
use RrEmbed\Goridge\RelayFactory;
use RrEmbed\Goridge\SocketRelay;
use RrEmbed\Goridge\StreamRelay;

final class RelayFactoryTest extends TestCase
{
    #[TestWith(['pipes'])]
    #[TestWith(['PIPES'])]
    #[TestWith(['pipes://stdin:stdout'])]
    public function testPipesAreStandardInputAndOutput(string $address): void
    {
        self::assertInstanceOf(StreamRelay::class, RelayFactory::create($address));
    }

    #[TestWith(['TCP'])]
    #[TestWith(['tcp'])]
    public function testTcpIsDialled(string $scheme): void
    {
        $server = stream_socket_server('tcp://127.0.0.1:0');
        self::assertNotFalse($server);
        self::assertExchange(RelayFactory::create($scheme.'://'.stream_socket_get_name($server, false)), $server);
    }

    public function testUnixSocketsAreDialled(): void
    {
        $path = sys_get_temp_dir().'/rr-embed-test-'.bin2hex(random_bytes(6)).'.sock';
        $server = stream_socket_server('unix://'.$path);
        self::assertNotFalse($server);
        try {
            self::assertExchange(RelayFactory::create('unix://'.$path), $server);
        } finally {
            unlink($path);
        }
    }

    public function testAnIdleSocketOutlivesTheDefaultSocketTimeout(): void
    {
        $before = ini_set('default_socket_timeout', '1');
        $code = '$s = stream_socket_server("tcp://127.0.0.1:0"); echo stream_socket_get_name($s, false), "\n"; $c = stream_socket_accept($s); usleep(1300000); fwrite($c, hex2bin("13000000000096d180340800")); fgets(STDIN);';
        $process = proc_open([\PHP_BINARY, '-r', $code], [['pipe', 'r'], ['pipe', 'w']], $pipes);
        self::assertNotFalse($process);
        try {
            $relay = new SocketRelay('tcp://'.trim((string) fgets($pipes[1])));
            self::assertSame(Frame::PONG, $relay->receive()?->stream);
        } finally {
            ini_set('default_socket_timeout', (string) $before);
            proc_terminate($process);
        }
    }

    #[TestWith(['tcp://:6001', 'unsupported connection format: tcp://:6001'])]
    #[TestWith(['tcp://127.0.0.1', 'unsupported connection format'])]
    #[TestWith(['tcp://127.0.0.1:70000', 'unsupported connection format'])]
    #[TestWith(['127.0.0.1:6001', 'unsupported connection format'])]
    #[TestWith(['unix://', 'unsupported connection format'])]
    #[TestWith(['udp://127.0.0.1:6001', 'unknown connection protocol: udp://127.0.0.1:6001'])]
    #[TestWith(['pipes://stdin', 'unsupported stream connection format'])]
    #[TestWith(['pipes://stdin:nothing', 'cannot open php://nothing'])]
    #[TestWith(['unix:///nonexistent/rr.sock', 'cannot connect to unix:///nonexistent/rr.sock'])]
    public function testOtherAddressesAreRefusedByName(string $address, string $message): void
    {
        $this->expectException(TransportException::class);
        $this->expectExceptionMessage($message);
        RelayFactory::create($address);
    }

    /**
     * @param resource $server
     */
    private static function assertExchange(Relay $relay, mixed $server): void
    {
        $socket = stream_socket_accept($server);
        self::assertNotFalse($socket);
        $peer = new StreamRelay($socket, $socket);
        self::assertFalse($relay->wait(0.0));
        $peer->send(new Frame('ping', [0]));
        self::assertTrue($relay->wait(1.0));
        self::assertSame('ping', $relay->receive()?->payload);
        $relay->send(new Frame('pong', [0]));
        self::assertSame('pong', $peer->receive()?->payload);
        fclose($socket);
        self::assertNull($relay->receive());
    }
}
