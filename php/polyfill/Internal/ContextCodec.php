<?php

declare(strict_types=1);

namespace RrEmbed\Internal;

use RrEmbed\Exception\TransportException;

/**
 * The context of HTTP frames, in one of its two encodings. Both decode to the same array.
 *
 * @internal
 *
 * @phpstan-type UploadLeaf array{name: string, mime: string, size: int, error: int, tmpName: string}
 * @phpstan-type Context array{
 *     remoteAddr: string,
 *     protocol: string,
 *     method: string,
 *     uri: string,
 *     headers: array<string, list<string>>,
 *     cookies: array<string, string>,
 *     rawQuery: string,
 *     parsed: bool,
 *     uploads: array<mixed>,
 *     attributes: array<string, mixed>,
 * }
 */
interface ContextCodec
{
    /**
     * @return Context
     *
     * @throws TransportException when the bytes are not such a context
     */
    public function decode(string $bytes): array;

    /**
     * @param array<string, list<string>> $headers
     *
     * @return string|null null when this codec cannot carry their bytes
     */
    public function encode(int $status, array $headers): ?string;

    /**
     * The codec bit of the frames that carry {@see encode()}.
     */
    public function flag(): int;
}
