<?php

declare(strict_types=1);

namespace RrEmbed\Internal;

use RrEmbed\Exception\TransportException;
use RrEmbed\Goridge\Frame;

/**
 * The messages http.v1.Request and http.v1.Response, without a protobuf library.
 *
 *     Request  { 1 remote_addr 2 protocol 3 method 4 uri 5 header 6 cookies 7 raw_query 8 parsed 9 uploads 10 attributes }
 *     Response { 1 status 2 headers }        maps of string to HeaderValue { repeated bytes value = 1 }
 *
 * @internal
 *
 * @phpstan-import-type Context from ContextCodec
 */
final class ProtobufContext implements ContextCodec
{
    private const VARINT = 0;
    private const FIXED64 = 1;
    private const BYTES = 2;
    private const FIXED32 = 5;

    public function decode(string $bytes): array
    {
        $context = [
            'remoteAddr' => '', 'protocol' => '', 'method' => '', 'uri' => '', 'headers' => [], 'cookies' => [],
            'rawQuery' => '', 'parsed' => false, 'uploads' => [], 'attributes' => [],
        ];
        $end = \strlen($bytes);
        $at = 0;
        while ($at < $end) {
            $tag = self::varint($bytes, $at);
            if (self::BYTES !== ($tag & 7)) {
                $value = self::scalar($bytes, $at, $tag & 7);
                if (8 === $tag >> 3) {
                    $context['parsed'] = 0 !== $value;
                }
                continue;
            }
            $value = self::bytes($bytes, $at);
            switch ($tag >> 3) {
                case 1: $context['remoteAddr'] = $value;
                    break;
                case 2: $context['protocol'] = $value;
                    break;
                case 3: $context['method'] = $value;
                    break;
                case 4: $context['uri'] = $value;
                    break;
                case 5:
                    [$name, $values] = self::entry($value);
                    $context['headers'][$name] = $values;
                    break;
                case 6:
                    [$name, $values] = self::entry($value);
                    $context['cookies'][$name] = implode(',', $values);
                    break;
                case 7: $context['rawQuery'] = $value;
                    break;
                case 9: $context['uploads'] = (array) json_decode($value, true);
                    break;
                case 10:
                    [$name, $values] = self::entry($value);
                    $context['attributes'][$name] = $values[0] ?? '';
                    break;
            }
        }

        /** @var Context $context keys that look like numbers are integers, as in every PHP array */
        return $context;
    }

    public function encode(int $status, array $headers): string
    {
        $bytes = "\x08".self::encodeVarint($status);
        foreach ($headers as $name => $values) {
            $value = '';
            foreach ($values as $item) {
                $value .= self::field("\x0a", $item);
            }
            $bytes .= self::field("\x12", self::field("\x0a", (string) $name).self::field("\x12", $value));
        }

        return $bytes;
    }

    public function flag(): int
    {
        return Frame::PROTO;
    }

    /**
     * One entry of a map: key and the values of its HeaderValue.
     *
     * @return array{string, list<string>}
     */
    private static function entry(string $bytes): array
    {
        $key = '';
        $values = [];
        $end = \strlen($bytes);
        $at = 0;
        while ($at < $end) {
            $tag = self::varint($bytes, $at);
            if (0x0A === $tag) {
                $key = self::bytes($bytes, $at);
            } elseif (0x12 === $tag) {
                $message = self::bytes($bytes, $at);
                $messageEnd = \strlen($message);
                $inner = 0;
                while ($inner < $messageEnd) {
                    $tag = self::varint($message, $inner);
                    if (0x0A === $tag) {
                        $values[] = self::bytes($message, $inner);
                    } else {
                        self::scalar($message, $inner, $tag & 7);
                    }
                }
            } else {
                self::scalar($bytes, $at, $tag & 7);
            }
        }

        return [$key, $values];
    }

    private static function varint(string $bytes, int &$at): int
    {
        $byte = \ord($bytes[$at++] ?? throw self::cutOff());
        if ($byte < 0x80) {
            return $byte;
        }
        $value = $byte & 0x7F;
        for ($shift = 7; $shift < 64; $shift += 7) {
            if ($at >= \strlen($bytes)) {
                throw self::cutOff();
            }
            $byte = \ord($bytes[$at++]);
            $value |= ($byte & 0x7F) << $shift;
            if ($byte < 0x80) {
                return $value;
            }
        }

        throw new TransportException('malformed request context: a number without end');
    }

    private static function bytes(string $bytes, int &$at): string
    {
        $length = self::varint($bytes, $at);
        if ($length < 0 || $length > \strlen($bytes) - $at) {
            throw self::cutOff();
        }
        $value = substr($bytes, $at, $length);
        $at += $length;

        return $value;
    }

    /**
     * Reads a field of any wire type; of those that no message here has, only the end matters.
     */
    private static function scalar(string $bytes, int &$at, int $wireType): int
    {
        switch ($wireType) {
            case self::VARINT:
                return self::varint($bytes, $at);
            case self::BYTES:
                self::bytes($bytes, $at);

                return 0;
            case self::FIXED64:
            case self::FIXED32:
                $at += self::FIXED64 === $wireType ? 8 : 4;
                if ($at > \strlen($bytes)) {
                    throw self::cutOff();
                }

                return 0;
            default:
                throw new TransportException("malformed request context: wire type {$wireType}");
        }
    }

    private static function field(string $tag, string $value): string
    {
        return $tag.self::encodeVarint(\strlen($value)).$value;
    }

    private static function encodeVarint(int $value): string
    {
        $bytes = '';
        while ($value > 0x7F) {
            $bytes .= \chr($value & 0x7F | 0x80);
            $value >>= 7;
        }

        return $bytes.\chr($value);
    }

    private static function cutOff(): TransportException
    {
        return new TransportException('malformed request context: cut off');
    }
}
