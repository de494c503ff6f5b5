<?php

declare(strict_types=1);

namespace RrEmbed\Goridge;

use RrEmbed\Exception\TransportException;

/**
 * One goridge frame: 12 bytes of header, up to ten options of 32 bits, the payload.
 *
 * The header's CRC covers its first six bytes only. All numbers are little-endian.
 */
final readonly class Frame
{
    public const HEADER_BYTES = 12;
    public const MAX_OPTIONS = 10;

    /** Flags. */
    public const CONTROL = 0x01;
    public const RAW = 0x04;
    public const JSON = 0x08;
    public const MSGPACK = 0x10;
    public const GOB = 0x20;
    public const ERROR = 0x40;
    public const PROTO = 0x80;

    /** Stream bits. */
    public const STREAM = 0x01;
    public const STOP = 0x02;
    public const PING = 0x04;
    public const PONG = 0x08;

    /**
     * @param list<int> $options at most ten, of 32 bits each
     * @param int       $flags   of 8 bits
     * @param int       $stream  of 8 bits
     */
    public function __construct(
        public string $payload,
        public array $options = [],
        public int $flags = 0,
        public int $stream = 0,
    ) {
    }

    /**
     * The frame as bytes, for one write.
     *
     * @throws \ValueError when there are more than ten options, or the payload is longer than 32 bits can say
     */
    public function encode(): string
    {
        $options = \count($this->options);
        $length = \strlen($this->payload);
        if ($options > self::MAX_OPTIONS) {
            throw new \ValueError('a frame carries at most '.self::MAX_OPTIONS.' options');
        }
        if ($length > 0xFFFFFFFF) {
            throw new \ValueError('a frame carries at most 4294967295 bytes');
        }

        $head = pack('CCV', 0x13 + $options, $this->flags, $length);
        if (1 === $options) {
            return $head.pack('VvV', crc32($head), $this->stream, $this->options[0]).$this->payload;
        }

        return $head.pack('VvV*', crc32($head), $this->stream, ...$this->options).$this->payload;
    }

    /**
     * Reads the twelve bytes that every frame starts with. The version is not looked at, as no peer does.
     *
     * @return array{options: int<0, 10>, flags: int, length: int<0, max>, stream: int} options: their number
     *
     * @throws TransportException when the bytes are not the header of a frame
     */
    public static function decodeHeader(string $header): array
    {
        $fields = \strlen($header) < self::HEADER_BYTES ? false : unpack('Cwords/Cflags/Vlength/Vcrc/Cstream', $header);
        if (false === $fields || $fields['crc'] !== crc32(substr($header, 0, 6))) {
            throw new TransportException('validation failed on a frame header: is something else written to this stream? It begins with "'.addcslashes(substr($header, 0, self::HEADER_BYTES), "\0..\37\"\\\177..\377").'"');
        }
        /** @var array{words: int, flags: int, length: int<0, max>, stream: int} $fields */
        $options = ($fields['words'] & 0x0F) - 3;
        if ($options < 0 || $options > self::MAX_OPTIONS) {
            throw new TransportException('malformed frame: a header of '.($options + 3).' words');
        }

        return ['options' => $options, 'flags' => $fields['flags'], 'length' => $fields['length'], 'stream' => $fields['stream']];
    }

    /**
     * @return list<int>
     */
    public static function decodeOptions(string $bytes): array
    {
        /** @var array<int, int> $options */
        $options = '' === $bytes ? [] : unpack('V*', $bytes);

        return array_values($options);
    }
}
