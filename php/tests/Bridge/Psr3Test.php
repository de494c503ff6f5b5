<?php

declare(strict_types=1);

namespace RrEmbed\Tests\Bridge;

use PHPUnit\Framework\Attributes\TestWith;
use Psr\Log\InvalidArgumentException;
use RrEmbed\Bridge\Psr3\Logger;
use RrEmbed\Logger as NativeLogger;
use RrEmbed\Rpc;
use RrEmbed\Tests\Sdk\ServerTestCase;

// spec:09#33
final class Psr3Test extends ServerTestCase
{
    private Logger $logger;

    protected function setUp(): void
    {
        $this->logger = new Logger(new NativeLogger('app', new Rpc(self::server()->rpc)));
    }

    #[TestWith(['debug', ''])]
    #[TestWith(['info', ''])]
    #[TestWith(['notice', '{"level": "notice"}'])]
    #[TestWith(['warning', ''])]
    #[TestWith(['error', ''])]
    #[TestWith(['critical', '{"level": "critical"}'])]
    #[TestWith(['alert', '{"level": "alert"}'])]
    #[TestWith(['emergency', '{"level": "emergency"}'])]
    public function testEveryLevelIsARecord(string $level, string $attributes): void
    {
        $this->logger->log($level, "a record of level {$level}");
        self::server()->waitForLog("a record of level {$level}".('' === $attributes ? "\n" : "\t{$attributes}\n"));
    }

    public function testTheContextIsReplacedAndKept(): void
    {
        $this->logger->info('user {user} of {none} has {list}', ['user' => 7, 'list' => [1], 'text' => 'x', 'nothing' => null]);
        self::server()->waitForLog("user 7 of {none} has {list}\t".'{"user": "7", "list": "[1]", "text": "x", "nothing": "null"}');
    }

    public function testExceptionsAreTheirText(): void
    {
        $this->logger->error('failed', ['exception' => new \DomainException('no luck')]);
        self::server()->waitForLog('"exception": "DomainException: no luck in ');
    }

    public function testBytesThatAreNoTextLoseNoRecord(): void
    {
        $this->logger->error("half a \xc3 letter", ['key' => "\xff"]);
        self::server()->waitForLog("half a \u{fffd} letter\t{\"key\": \"\u{fffd}\"}");
    }

    public function testAnUnknownLevelIsRefused(): void
    {
        $this->expectException(InvalidArgumentException::class);
        $this->expectExceptionMessage('unknown log level: loud');
        $this->logger->log('loud', 'x');
    }
}
