<?php

declare(strict_types=1);

namespace RrEmbed\Tests\Sdk;

use PHPUnit\Framework\TestCase;

/**
 * The library's connection where scripts come one after the other.
 */
final class FpmTest extends TestCase
{
    private const CALL = "echo (new RrEmbed\\Rpc())->call('a.B', 1);";

    private FakeRpcServer $server;
    private Fpm $fpm;

    protected function setUp(): void
    {
        $this->server = new FakeRpcServer();
        $this->fpm = new Fpm(['RR_RPC' => $this->server->address]);
    }

    // spec:09#44
    public function testAChildKeepsItsConnectionFromScriptToScript(): void
    {
        $first = $this->fpm->start(self::CALL);
        $this->server->accept();
        $this->server->reply($this->server->call(), '"one"');
        self::assertSame('one', $this->fpm->output($first));
        for ($i = 0; $i < 20; ++$i) {
            $next = $this->fpm->start(self::CALL);
            $this->server->reply($this->server->call(), "\"{$i}\"");
            self::assertSame((string) $i, $this->fpm->output($next));
        }
        self::assertFalse($this->server->hasClient());
    }

    public function testAReplyThatTheScriptBeforeDidNotWaitForIsNotTheNextOnes(): void
    {
        $first = $this->fpm->start("(new RrEmbed\\Rpc())->begin('a.Left', ''); (new RrEmbed\\Rpc())->send('a.Send', '');");
        $this->server->accept();
        self::assertSame('', $this->fpm->output($first));
        $next = $this->fpm->start(self::CALL);
        $left = $this->server->call();
        $sent = $this->server->call();
        $call = $this->server->call();
        self::assertSame(['a.Left', 'a.Send', 'a.B'], [$left['method'], $sent['method'], $call['method']]);
        $this->server->reply($left, '"left"');
        $this->server->reply($sent, '"sent"');
        $this->server->reply($call, '"mine"');
        self::assertSame('mine', $this->fpm->output($next));
        self::assertFalse($this->server->hasClient());
    }

    public function testHalfAReplyEndsWithItsScript(): void
    {
        $first = $this->fpm->start("try { (new RrEmbed\\Rpc(null, 0.05))->call('a.B', 1); } catch (RrEmbed\\Exception\\TimeoutException) { echo 'too late'; }");
        $this->server->accept();
        $frame = FakeRpcServer::frame($this->server->call(), '"late"')->encode();
        $this->server->sendBytes(substr($frame, 0, 15));
        self::assertSame('too late', $this->fpm->output($first));
        $next = $this->fpm->start(self::CALL);
        $this->server->accept();
        $this->server->reply($this->server->call(), '"next"');
        self::assertSame('next', $this->fpm->output($next));
    }

    // spec:09#43
    public function testAServerThatClosedBetweenTwoScriptsIsFoundAgain(): void
    {
        $first = $this->fpm->start(self::CALL);
        $this->server->accept();
        $this->server->reply($this->server->call(), '"one"');
        self::assertSame('one', $this->fpm->output($first));
        $this->server->close();
        $next = $this->fpm->start(self::CALL);
        $this->server->accept();
        $this->server->reply($this->server->call(), '"two"');
        self::assertSame('two', $this->fpm->output($next));
    }
}
