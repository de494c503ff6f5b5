<?php

declare(strict_types=1);

namespace RrEmbed\Tests\Sdk;

use PHPUnit\Framework\Assert;

/**
 * fixtures/stock-proxy.php as a process; it ends with the object.
 */
final class StockProxy
{
    /** @var resource */
    private readonly mixed $process;

    /**
     * @param string $missing a service that it has not
     */
    public function __construct(string $listen, string $target, string $missing = '')
    {
        $process = proc_open([\PHP_BINARY, __DIR__.'/../fixtures/stock-proxy.php', $listen, $target, $missing], [1 => ['pipe', 'w']], $pipes);
        Assert::assertNotFalse($process);
        $this->process = $process;
        Assert::assertSame("listening\n", fgets($pipes[1]));
    }

    public function __destruct()
    {
        proc_terminate($this->process, \SIGKILL);
        proc_close($this->process);
    }
}
