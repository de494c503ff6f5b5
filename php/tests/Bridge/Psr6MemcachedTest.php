<?php

declare(strict_types=1);

namespace RrEmbed\Tests\Bridge;

// spec:09#25
final class Psr6MemcachedTest extends Psr6TestCase
{
    protected const DRIVER = 'memcached';
}
