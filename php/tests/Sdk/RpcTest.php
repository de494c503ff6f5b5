<?php

declare(strict_types=1);

namespace RrEmbed\Tests\Sdk;

use PHPUnit\Framework\Attributes\TestWith;
use PHPUnit\Framework\TestCase;
use RrEmbed\Codec;
use RrEmbed\Exception\InvalidStateException;
use RrEmbed\Exception\ServiceException;
use RrEmbed\Exception\TimeoutException;
use RrEmbed\Exception\TransportException;
use RrEmbed\Exception\UnsupportedException;
use RrEmbed\Goridge\Frame;
use RrEmbed\Kv;
use RrEmbed\PendingCall;
use RrEmbed\Rpc;

/**
 * The library's connection, against servers that behave and such that do not.
 */
final class RpcTest extends TestCase
{
    private FakeRpcServer $server;
    private Rpc $rpc;

    protected function setUp(): void
    {
        $this->server = new FakeRpcServer();
        $this->rpc = new Rpc($this->server->address, 5.0);
    }

    // spec:04#5
    public function testRepliesFindTheirCallsInAnyOrder(): void
    {
        $one = $this->rpc->begin('a.One', '1');
        $two = $this->rpc->begin('a.Two', '22', Codec::Proto);
        $this->server->accept();
        $first = $this->server->call();
        $second = $this->server->call();
        self::assertSame(['a.One', '1', Frame::RAW], [$first['method'], $first['argument'], $first['codec']]);
        self::assertSame(['a.Two', '22', Frame::PROTO], [$second['method'], $second['argument'], $second['codec']]);
        self::assertFalse($one->ready());
        $this->server->reply($second, 'two');
        self::assertSame('two', $two->result());
        self::assertFalse($one->ready());
        $this->server->reply($first, 'one');
        self::assertTrue($one->ready());
        self::assertSame('one', $one->result());
        self::assertSame('one', $one->result());
    }

    public function testAnErrorIsTheServersTextUnchanged(): void
    {
        $call = $this->rpc->begin('kv.TTL', '');
        $this->server->accept()->reply($this->server->call(), "rpc_ttl:\n\tmemcached_plugin_ttl: no", Frame::ERROR);
        try {
            $call->result();
            self::fail('no error');
        } catch (ServiceException $error) {
            self::assertSame(['kv.TTL', "rpc_ttl:\n\tmemcached_plugin_ttl: no", "kv.TTL: rpc_ttl:\n\tmemcached_plugin_ttl: no"], [$error->method, $error->serverMessage, $error->getMessage()]);
        }
    }

    public function testAReplyMayComeInPieces(): void
    {
        $call = $this->rpc->begin('a.B', '');
        $this->server->accept();
        foreach (str_split(FakeRpcServer::frame($this->server->call(), 'reply')->encode()) as $byte) {
            self::assertFalse($call->ready());
            $this->server->sendBytes($byte);
        }
        self::assertTrue($call->ready());
        self::assertSame('reply', $call->result());
    }

    public function testALateReplyIsDroppedAndTheConnectionGoesOn(): void
    {
        $late = $this->rpc->begin('a.Late', '');
        $this->server->accept();
        try {
            $late->result(0.01);
            self::fail('an answer from nowhere');
        } catch (TimeoutException $error) {
            self::assertSame("a.Late: {$this->server->address}: no answer within 0.01 s", $error->getMessage());
        }
        $first = $this->server->call();
        $late->cancel();
        $next = $this->rpc->begin('a.Next', '');
        $this->server->reply($first, 'late');
        $this->server->reply($this->server->call(), 'next');
        self::assertSame('next', $next->result());
        self::assertFalse($this->server->hasClient());
    }

    public function testACancelledCallHasNoResult(): void
    {
        $call = $this->rpc->begin('a.B', '');
        $call->cancel();
        $this->expectException(InvalidStateException::class);
        $this->expectExceptionMessage('the call was cancelled');
        $call->ready();
    }

    // spec:09#43
    public function testAServerThatClosesMeanwhileCostsNothing(): void
    {
        $this->exchange('one');
        $this->server->close();
        $this->exchange('two');
    }

    // spec:09#43
    public function testACallThatWasSentIsNotSentAgain(): void
    {
        $call = $this->rpc->begin('a.B', '');
        $this->server->accept()->call();
        $this->server->close();
        try {
            $call->result();
            self::fail('an answer from nowhere');
        } catch (TransportException $error) {
            self::assertMatchesRegularExpression('#^a\.B: unix://\S+: the server closed the connection before its reply \(after \d\.\d{3} s\)$#', $error->getMessage());
        }
        self::assertFalse($this->server->hasClient());
        $this->exchange('next');
    }

    public function testAServerThatClosesEndsEveryCallThatWaits(): void
    {
        $calls = [$this->rpc->begin('a.A', ''), $this->rpc->begin('a.B', ''), $this->rpc->begin('a.C', '')];
        $this->server->accept();
        $this->server->close();
        $failed = 0;
        foreach ($calls as $call) {
            try {
                $call->result();
            } catch (TransportException) {
                ++$failed;
            }
        }
        self::assertSame(3, $failed);
    }

    // Hex of what the server sends instead of a reply: HTTP, a frame without options.
    #[TestWith(['485454502f312e31203430302042616420526571756573740d0a'])]
    #[TestWith(['13 00 00 00 00 00 96 d1 80 34 00 00 00 00 00 00 00 00 00 00'])]
    public function testGarbageEndsTheConnection(string $hex): void
    {
        $call = $this->rpc->begin('a.B', '');
        $this->server->accept()->call();
        $this->server->sendBytes((string) hex2bin(str_replace(' ', '', $hex)));
        $this->assertGarbage($call);
        $this->exchange('next');
    }

    public function testAnAnswerToACallThatWasNotMadeIsGarbage(): void
    {
        $call = $this->rpc->begin('a.B', '');
        $seen = $this->server->accept()->call();
        $this->server->reply(['sequence' => 4711] + $seen, 'x');
        $this->assertGarbage($call);
    }

    public function testANameLongerThanTheReplyIsGarbage(): void
    {
        $call = $this->rpc->begin('a.B', '');
        $seen = $this->server->accept()->call();
        $this->server->sendBytes((new Frame('a.B', [$seen['sequence'], 4]))->encode());
        $this->assertGarbage($call);
    }

    public function testAReplyOfImpossibleLengthIsGarbage(): void
    {
        $call = $this->rpc->begin('a.B', '');
        $this->server->accept()->call();
        $head = pack('CCV', 0x15, 0, 0xFFFFFFFF);
        $this->server->sendBytes($head.pack('VvVV', crc32($head), 0, 1, 3));
        $this->assertGarbage($call);
    }

    public function testARefusedConnectionSaysWhereWhyAndWhen(): void
    {
        $rpc = new Rpc('tcp://127.0.0.1:'.Server::freePort());
        $this->expectException(TransportException::class);
        $this->expectExceptionMessageMatches('#^rpc\.Version: tcp://127\.0\.0\.1:\d+: Connection refused \(after \d\.\d{3} s\)$#');
        $rpc->call('rpc.Version', true);
    }

    #[TestWith(['nonsense'])]
    #[TestWith(['pipes'])]
    #[TestWith(['http://localhost:6001'])]
    #[TestWith(['tcp://localhost'])]
    #[TestWith(['tcp://localhost:0'])]
    #[TestWith(['tcp://localhost:65536'])]
    #[TestWith(['tcp://::1:6001'])]
    #[TestWith(['unix://'])]
    public function testAnAddressOfNoFormIsRefused(string $address): void
    {
        $this->expectException(TransportException::class);
        $this->expectExceptionMessage("unsupported RPC address \"{$address}\": tcp://host:port, :port or unix://path is expected");
        (new Rpc($address))->call('rpc.Version', true);
    }

    #[TestWith(['tcp://127.0.0.1:6001', 'tcp://127.0.0.1:6001'])]
    #[TestWith([':6001', 'tcp://127.0.0.1:6001'])]
    #[TestWith(['tcp://:6001', 'tcp://127.0.0.1:6001'])]
    #[TestWith(['tcp://0.0.0.0:6001', 'tcp://127.0.0.1:6001'])]
    #[TestWith(['tcp://[::]:6001', 'tcp://[::1]:6001'])]
    #[TestWith(['TCP://LocalHost:06001', 'tcp://localhost:6001'])]
    #[TestWith(['tcp://[fe80::1%eth0]:6001', 'tcp://[fe80::1%eth0]:6001'])]
    #[TestWith(['unix:///run/Rr.sock', 'unix:///run/Rr.sock'])]
    #[TestWith(['unix://rr.sock', 'unix://rr.sock'])]
    public function testAddressesHaveManyForms(string $address, string $name): void
    {
        self::assertSame($name, (new Rpc($address))->address());
    }

    // spec:09#44
    public function testAllObjectsForOneAddressShareAConnection(): void
    {
        $this->exchange('one');
        for ($i = 0; $i < 100; ++$i) {
            $call = (new Rpc($this->server->address))->begin('a.B', '');
            $this->server->reply($this->server->call(), (string) $i);
            self::assertSame((string) $i, $call->result());
        }
        self::assertFalse($this->server->hasClient());
    }

    // spec:09#43
    public function testAChildOfForkHasAConnectionOfItsOwn(): void
    {
        if (!\function_exists('pcntl_fork')) {
            self::markTestSkipped('no ext-pcntl');
        }
        $parents = $this->rpc->begin('a.Parent', '');
        $this->server->accept();
        $pair = stream_socket_pair(\STREAM_PF_UNIX, \STREAM_SOCK_STREAM, 0);
        self::assertNotFalse($pair);
        $pid = pcntl_fork();
        if (0 === $pid) {
            try {
                $parents->result();
                fwrite($pair[1], 'the child read the reply of its parent');
            } catch (TransportException $error) {
                fwrite($pair[1], str_replace($this->server->address, 'ADDRESS', $error->getMessage()).'; '.$this->rpc->begin('a.Child', '')->result(10));
            }
            fclose($pair[1]);
            posix_kill((int) getmypid(), \SIGKILL);
        }
        fclose($pair[1]);
        $first = $this->server->call();
        $this->server->reply($first, 'parent');
        self::assertSame('parent', $parents->result());
        $this->server->accept();
        $this->server->reply($this->server->call(), 'child');
        self::assertMatchesRegularExpression('/^a\.Parent: ADDRESS: the call was made by another process, which has its reply \(after \d+\.\d{3} s\); child$/', (string) stream_get_contents($pair[0]));
        pcntl_waitpid($pid, $status);
    }

    public function testASignalDoesNotEndAWait(): void
    {
        if (!\function_exists('pcntl_async_signals') || \extension_loaded('rr_embed')) {
            self::markTestSkipped('no ext-pcntl; or a wait is one step, in the middle of which no PHP runs');
        }
        $call = $this->rpc->begin('a.B', '');
        $this->server->accept();
        $seen = $this->server->call();
        pcntl_async_signals(true);
        pcntl_signal(\SIGALRM, fn () => $this->server->reply($seen, 'after the signal'), false);
        pcntl_alarm(1);
        try {
            self::assertSame('after the signal', $call->result(10));
        } finally {
            pcntl_signal(\SIGALRM, \SIG_DFL);
            pcntl_async_signals(false);
        }
    }

    public function testErrorsOfCallsThatNobodyWaitsForAreLogged(): void
    {
        $log = (string) tempnam(sys_get_temp_dir(), 'log');
        $before = ini_set('error_log', $log);
        $this->rpc->send('a.Send', 'x');
        $this->server->accept()->reply($this->server->call(), 'refused', Frame::ERROR);
        $this->rpc->send('a.Next', 'x');
        ini_set('error_log', (string) $before);
        self::assertStringContainsString('rr_embed: a.Send failed: refused', (string) file_get_contents($log));
        unlink($log);
    }

    public function testAPayloadWithoutAFormInJsonIsRefused(): void
    {
        $this->expectException(\ValueError::class);
        $this->expectExceptionMessage('RrEmbed\Rpc::call(): Argument #2 ($payload) has no form in JSON: Malformed UTF-8 characters');
        $this->rpc->call('rpc.Version', "\xff");
    }

    public function testALargeValueGoesAndComesBack(): void
    {
        $server = new Server();
        $kv = new Kv('mem', new Rpc($server->rpc, 60.0));
        $value = str_repeat(random_bytes(1 << 20), 60);
        $kv->set('large', $value);
        self::assertTrue($value === $kv->get('large'));
    }

    public function testACallThatIsTooLargeIsNotSent(): void
    {
        $this->exchange('before');
        try {
            $this->rpc->begin('a.B', str_repeat('x', (256 << 20) + 1));
            self::fail('it went through');
        } catch (UnsupportedException $error) {
            self::assertSame("a.B: {$this->server->address}: a call of more than 256 MiB", $error->getMessage());
        }
        $call = $this->rpc->begin('a.After', '');
        $this->server->reply($this->server->call(), 'after');
        self::assertSame('after', $call->result());
    }

    // Each side writes more than the other's buffers take, and reads only when it must.
    public function testManyLargeCallsAtATimeDoNotStandStill(): void
    {
        $server = new Server();
        $rpc = new Rpc($server->rpc, 30.0);
        $kv = new Kv('mem', $rpc);
        $value = random_bytes(1 << 20);
        $kv->set('large', $value);
        $request = "\x0a\x03mem\x12\x07\x0a\x05large";
        $calls = [];
        for ($i = 0; $i < 30; ++$i) {
            $calls[] = $rpc->begin('kv.MGet', $request.str_repeat("\x12\x07\x0a\x05other", 20000), Codec::Proto);
        }
        foreach ($calls as $call) {
            self::assertTrue(str_contains($call->result(), $value));
        }
    }

    // spec:09#43
    public function testAServerThatIsStartedAnewIsFoundAgain(): void
    {
        $server = new Server();
        $kv = new Kv('mem', new Rpc($server->rpc));
        $kv->set('a', 'b');
        $server->stop();
        $server->start();
        self::assertNull($kv->get('a'));
    }

    // spec:09#43
    public function testAServerThatIsKilledDuringACallIsAnErrorOfTheTransport(): void
    {
        $server = new Server();
        $rpc = new Rpc($server->rpc);
        $rpc->begin('lock.Lock', "\x0a\x01r\x12\x01x", Codec::Proto)->result();
        $call = $rpc->begin('lock.Lock', "\x0a\x01r\x12\x01y\x20\x80\xad\xe2\x04", Codec::Proto);
        $server->stop(\SIGKILL);
        $this->assertLost($call, "lock.Lock: {$server->rpc}: ");
    }

    public function testRpcObjectsAreNeitherClonedNorSerialised(): void
    {
        foreach ([Rpc::class, PendingCall::class, Kv::class, \RrEmbed\Lock::class, \RrEmbed\LockHandle::class] as $class) {
            self::assertFalse((new \ReflectionClass($class))->isCloneable(), $class);
        }
        $this->expectExceptionMessage("Serialization of 'RrEmbed\\Rpc' is not allowed");
        serialize($this->rpc);
    }

    private function exchange(string $reply): void
    {
        $call = $this->rpc->begin('a.Exchange', '');
        $this->server->accept();
        $this->server->reply($this->server->call(), $reply);
        self::assertSame($reply, $call->result());
    }

    private function assertGarbage(PendingCall $call): void
    {
        $this->assertLost($call, "a.B: {$this->server->address}: the server sent what is no reply: ");
    }

    private function assertLost(PendingCall $call, string $reason): void
    {
        try {
            $call->result(10);
            self::fail('an answer from nowhere');
        } catch (TransportException $error) {
            self::assertStringContainsString($reason, $error->getMessage());
        }
    }
}
