<?php

declare(strict_types=1);

namespace RrEmbed;

/**
 * What a frame says of its payload: the bits of goridge.
 */
enum Codec: int
{
    case Raw = 0x04;
    case Json = 0x08;
    case Msgpack = 0x10;
    case Proto = 0x80;
}
