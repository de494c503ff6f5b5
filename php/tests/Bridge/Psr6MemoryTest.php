<?php

declare(strict_types=1);

namespace RrEmbed\Tests\Bridge;

// spec:09#25
final class Psr6MemoryTest extends Psr6TestCase
{
}
