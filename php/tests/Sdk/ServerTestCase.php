<?php

declare(strict_types=1);

namespace RrEmbed\Tests\Sdk;

use PHPUnit\Framework\TestCase;
use RrEmbed\Kv;
use RrEmbed\Rpc;

/**
 * Tests that share one server, with names of their own in it.
 */
abstract class ServerTestCase extends TestCase
{
    private static ?Server $server = null;

    public static function setUpBeforeClass(): void
    {
        self::$server = new Server();
    }

    public static function tearDownAfterClass(): void
    {
        self::$server = null;
    }

    protected static function server(): Server
    {
        self::assertNotNull(self::$server);

        return self::$server;
    }

    protected static function kv(string $storage = 'mem'): Kv
    {
        return new Kv($storage, new Rpc(self::server()->rpc));
    }
}
