<?php

declare(strict_types=1);

namespace RrEmbed\Bridge\Spiral;

use RrEmbed\Codec;
use RrEmbed\Exception\RrEmbedException;
use RrEmbed\Exception\TimeoutException;
use RrEmbed\Worker;
use Spiral\Goridge\Exception\TransportException;
use Spiral\Goridge\Frame;
use Spiral\Goridge\RelayInterface;

/**
 * Frames for workers that bring their own loop, such as Temporal's, on {@see Worker}.
 *
 *     $worker = new Spiral\RoadRunner\Worker(new NativeRelay());
 *
 * Control frames end here: {@see Worker} answers them, and asks for none.
 */
final class NativeRelay implements RelayInterface, \Stringable
{
    private const CODECS = Frame::CODEC_RAW | Frame::CODEC_JSON | Frame::CODEC_MSGPACK | Frame::CODEC_PROTO;

    private readonly Worker $worker;
    private ?Frame $waiting = null;
    private bool $owes = false;
    private bool $sawStop = false;

    /**
     * @param Worker|null $worker null is the one this script is
     *
     * @throws \RrEmbed\Exception\NotInServerException when no server started this script as a worker
     */
    public function __construct(?Worker $worker = null)
    {
        $this->worker = $worker ?? Worker::current();
    }

    public function __toString(): string
    {
        return 'rr-embed';
    }

    public function waitFrame(): Frame
    {
        if (null !== $this->waiting) {
            $frame = $this->waiting;
            $this->waiting = null;

            return $frame;
        }

        return $this->hasStop() ? $this->stopOfStream() : $this->next(null);
    }

    public function hasFrame(): bool
    {
        if (null === $this->waiting && !$this->hasStop() && !$this->owes) {
            try {
                $this->waiting = $this->next(0.0);
            } catch (TransportException $error) {
                if (!$error->getPrevious() instanceof TimeoutException) {
                    throw $error;
                }
            }
        }

        return null !== $this->waiting || $this->hasStop();
    }

    public function send(Frame $frame): void
    {
        if ($frame->hasFlag(Frame::CONTROL)) {
            return;
        }
        $payload = (string) $frame->payload;
        $length = (int) ($frame->options[0] ?? 0);
        $header = substr($payload, 0, $length);
        $last = 0 === ($frame->byte10 & Frame::BYTE10_STREAM);
        try {
            if ($frame->hasFlag(Frame::ERROR)) {
                $this->worker->error($payload);
            } elseif ($length === \strlen($payload) && self::isStop($header)) {
                $this->worker->stop();
            } else {
                $this->worker->respond(substr($payload, $length), $header, $last, Codec::tryFrom($frame->flags & self::CODECS));
            }
        } catch (RrEmbedException $error) {
            throw new TransportException($error->getMessage(), 0, $error);
        }
        $this->owes = !$last;
    }

    private function next(?float $timeout): Frame
    {
        try {
            $payload = $this->worker->next($timeout);
        } catch (RrEmbedException $error) {
            throw new TransportException($error->getMessage(), 0, $error);
        }
        if (null === $payload) {
            return new Frame('{"stop":true}', [], Frame::CONTROL | Frame::CODEC_JSON);
        }
        $this->owes = true;
        $this->sawStop = false;
        $frame = new Frame($payload->header.$payload->body, [\strlen($payload->header)], $payload->flags);
        $frame->byte10 = $payload->last ? 0 : Frame::BYTE10_STREAM;

        return $frame;
    }

    private function hasStop(): bool
    {
        try {
            return $this->owes && !$this->sawStop && $this->worker->cancelled();
        } catch (RrEmbedException $error) {
            throw new TransportException($error->getMessage(), 0, $error);
        }
    }

    private function stopOfStream(): Frame
    {
        $this->sawStop = true;
        $frame = new Frame('');
        $frame->byte10 = Frame::BYTE10_STOP;

        return $frame;
    }

    private static function isStop(string $header): bool
    {
        $command = str_contains($header, '"stop"') ? json_decode($header, true) : null;

        return \is_array($command) && true === ($command['stop'] ?? false);
    }
}
