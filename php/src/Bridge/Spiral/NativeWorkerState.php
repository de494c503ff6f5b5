<?php

declare(strict_types=1);

namespace RrEmbed\Bridge\Spiral;

use Spiral\RoadRunner\Payload;

/**
 * What a {@see NativeWorker} and its clones know of the request in hand.
 *
 * @internal
 */
final class NativeWorkerState
{
    /** Taken by a look ahead. */
    public ?Payload $waiting = null;

    /** Whether a request waits for its answer, or for more of it. */
    public bool $owes = false;

    /** Whether the script was told that nobody wants the rest. */
    public bool $sawStop = false;
}
