<?php

declare(strict_types=1);

namespace RrEmbed\Internal;

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
    public function decode(string $bytes): array
    {
        $context = [
            'remoteAddr' => '', 'protocol' => '', 'method' => '', 'uri' => '', 'headers' => [], 'cookies' => [],
            'rawQuery' => '', 'parsed' => false, 'uploads' => [], 'attributes' => [],
        ];
        $end = \strlen($bytes);
        $at = 0;
        while ($at < $end) {
            $tag = Protobuf::varint($bytes, $at);
            if (Protobuf::BYTES !== ($tag & 7)) {
                $value = Protobuf::skip($bytes, $at, $tag & 7);
                if (8 === $tag >> 3) {
                    $context['parsed'] = 0 !== $value;
                }
                continue;
            }
            $value = Protobuf::bytes($bytes, $at);
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
        $bytes = "\x08".Protobuf::encodeVarint($status);
        foreach ($headers as $name => $values) {
            $value = '';
            foreach ($values as $item) {
                $value .= Protobuf::message(1, $item);
            }
            $bytes .= Protobuf::message(2, Protobuf::message(1, (string) $name).Protobuf::message(2, $value));
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
            $tag = Protobuf::varint($bytes, $at);
            if (0x0A === $tag) {
                $key = Protobuf::bytes($bytes, $at);
            } elseif (0x12 === $tag) {
                $message = Protobuf::bytes($bytes, $at);
                $messageEnd = \strlen($message);
                $inner = 0;
                while ($inner < $messageEnd) {
                    $tag = Protobuf::varint($message, $inner);
                    if (0x0A === $tag) {
                        $values[] = Protobuf::bytes($message, $inner);
                    } else {
                        Protobuf::skip($message, $inner, $tag & 7);
                    }
                }
            } else {
                Protobuf::skip($bytes, $at, $tag & 7);
            }
        }

        return [$key, $values];
    }
}
