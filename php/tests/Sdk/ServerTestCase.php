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
    /** The driver behind kv(). */
    protected const DRIVER = 'memory';

    private static ?Server $server = null;

    public static function setUpBeforeClass(): void
    {
        /** @var 'boltdb'|'memcached'|'memory'|'redis' $driver */
        $driver = static::DRIVER;
        self::$server = new Server(storage: 'memory' === $driver ? null : new Storage($driver));
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

    protected static function kv(?string $storage = null): Kv
    {
        return new Kv($storage ?? ('memory' === static::DRIVER ? 'mem' : 'store'), new Rpc(self::server()->rpc));
    }
}
