<?php

declare(strict_types=1);

namespace RrEmbed\Internal;

use RrEmbed\Exception\TransportException;
use RrEmbed\Goridge\Frame;

/**
 * `{"remoteAddr":…,"headers":{"Accept":["text/html"]},…}` and `{"status":200,"headers":{…}}`: what rr-embed sends by default.
 *
 * @internal
 *
 * @phpstan-import-type Context from ContextCodec
 */
final class JsonContext implements ContextCodec
{
    private const EMPTY = [
        'remoteAddr' => '', 'protocol' => 'HTTP/1.1', 'method' => 'GET', 'uri' => '', 'headers' => [], 'cookies' => [],
        'rawQuery' => '', 'parsed' => false, 'uploads' => [], 'attributes' => [],
    ];

    public function decode(string $bytes): array
    {
        $context = json_decode($bytes, true);
        if (!\is_array($context)) {
            throw new TransportException('malformed request context: '.json_last_error_msg());
        }
        // Absent trees are null on the wire.
        $context['uploads'] ??= [];
        $context['attributes'] ??= [];
        $context['headers'] ??= [];
        $context['cookies'] ??= [];

        /** @var Context */
        return \count($context) < \count(self::EMPTY) ? $context + self::EMPTY : $context;
    }

    public function encode(int $status, array $headers): ?string
    {
        // As objects: a list would come out for no headers, and for headers named 0, 1, 2.
        return json_encode(['status' => $status, 'headers' => (object) $headers], \JSON_UNESCAPED_SLASHES | \JSON_UNESCAPED_UNICODE) ?: null;
    }

    public function flag(): int
    {
        return Frame::JSON;
    }
}
