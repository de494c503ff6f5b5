<?php

declare(strict_types=1);

namespace RrEmbed;

/**
 * What the server sent to a worker: one request of the raw loop.
 */
final readonly class Payload
{
    /**
     * @param string $header the context, in the codec that $flags names
     * @param bool   $last   false while more frames of the same message follow
     * @param int    $flags  the flags byte of the frame, a {@see Codec} among its bits
     */
    public function __construct(
        public string $body,
        public string $header = '',
        public bool $last = true,
        public int $flags = 0,
    ) {
    }
}
