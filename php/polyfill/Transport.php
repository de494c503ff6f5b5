<?php

declare(strict_types=1);

namespace RrEmbed;

/**
 * How this PHP reaches the server.
 */
enum Transport: string
{
    /** Direct calls: this PHP runs on a thread of the server. */
    case Host = 'host';
    /** Goridge over pipes or a socket. */
    case Socket = 'socket';
    case None = 'none';
}
