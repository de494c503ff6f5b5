<?php

declare(strict_types=1);

namespace RrEmbed;

/**
 * Levels of the server log.
 */
enum LogLevel: int
{
    case Debug = -4;
    case Info = 0;
    case Warning = 4;
    case Error = 8;
}
