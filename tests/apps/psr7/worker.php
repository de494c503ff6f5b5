<?php

declare(strict_types=1);

use Nyholm\Psr7\Factory\Psr17Factory;
use Nyholm\Psr7\Response;
use Nyholm\Psr7\Stream;
use Psr\Http\Message\ResponseInterface;
use Psr\Http\Message\ServerRequestInterface;
use Psr\Http\Message\UploadedFileInterface;
use RrEmbed\Http\Psr7Worker;
use RrEmbed\Http\Worker;

/*
 * The PSR-7 worker of the end-to-end tests and the benchmark.
 *
 *     /             Hello, world!
 *     /echo         method, URI, query, headers and body as JSON
 *     /echo-json    the body decoded and encoded again
 *     /form         the form fields as JSON
 *     /upload       form fields and files (name, type, size, error, md5) as JSON
 *     /cookies      the cookies as JSON; sets one
 *     /stream       ?chunks=5&bytes=6: a body of unknown length in pieces
 *     /early-hints  103 and then 200
 *     /error        an exception
 *     /large        ?bytes=1048576: a body of that length
 *     /length       the length and md5 of the request's body
 *     /status       ?code=404
 */

// Own vendor folder first (no development packages in it), else that of the checkout.
require is_file(__DIR__.'/vendor/autoload.php') ? __DIR__.'/vendor/autoload.php' : dirname(__DIR__, 3).'/vendor/autoload.php';

require __DIR__.'/PiecesStream.php';

/**
 * @param array<array-key, mixed> $tree
 *
 * @return array<array-key, mixed>
 */
function describe_files(array $tree): array
{
    foreach ($tree as $key => $file) {
        if ($file instanceof UploadedFileInterface) {
            $stored = \UPLOAD_ERR_OK === $file->getError();
            $tree[$key] = [
                'name' => $file->getClientFilename(),
                'type' => $file->getClientMediaType(),
                'size' => $file->getSize(),
                'error' => $file->getError(),
                'md5' => $stored ? md5((string) $file->getStream()) : null,
            ];
        } elseif (is_array($file)) {
            $tree[$key] = describe_files($file);
        }
    }

    return $tree;
}

/** @param array<string, string> $headers */
$json = static fn (mixed $value, array $headers = []): Response => new Response(
    200,
    ['Content-Type' => 'application/json'] + $headers,
    json_encode($value, \JSON_THROW_ON_ERROR | \JSON_UNESCAPED_SLASHES | \JSON_UNESCAPED_UNICODE | \JSON_INVALID_UTF8_SUBSTITUTE),
);

$number = static function (ServerRequestInterface $request, string $name, int $default): int {
    $value = $request->getQueryParams()[$name] ?? null;

    return is_string($value) ? (int) $value : $default;
};

$factory = new Psr17Factory();
$worker = new Psr7Worker(new Worker(), $factory, $factory, $factory);

$handle = static fn (ServerRequestInterface $request): ResponseInterface => match ($request->getUri()->getPath()) {
    '/', '/hello' => new Response(200, ['Content-Type' => 'text/plain'], 'Hello, world!'),
    '/echo' => $json([
        'method' => $request->getMethod(),
        'uri' => (string) $request->getUri(),
        'query' => $request->getQueryParams(),
        'headers' => $request->getHeaders(),
        'version' => $request->getProtocolVersion(),
        'body' => (string) $request->getBody(),
    ]),
    '/echo-json' => $json(json_decode((string) $request->getBody(), true, 512, \JSON_THROW_ON_ERROR)),
    '/form' => $json($request->getParsedBody()),
    '/upload' => $json(['fields' => $request->getParsedBody(), 'files' => describe_files($request->getUploadedFiles())]),
    '/cookies' => $json($request->getCookieParams(), ['Set-Cookie' => 'seen=1; Path=/; HttpOnly']),
    '/stream' => new Response(200, ['Content-Type' => 'text/plain'], new PiecesStream($number($request, 'chunks', 5), $number($request, 'bytes', 6))),
    '/early-hints' => (static function () use ($worker): ResponseInterface {
        $worker->respond(new Response(103, ['Link' => '</style.css>; rel=preload; as=style']));

        return new Response(200, ['Content-Type' => 'text/plain'], "hinted\n");
    })(),
    '/error' => throw new RuntimeException('the handler failed on purpose'),
    '/large' => new Response(200, ['Content-Type' => 'application/octet-stream'], Stream::create(str_repeat('0123456789abcdef', intdiv($number($request, 'bytes', 1 << 20) + 15, 16)))),
    '/length' => $json(['length' => strlen((string) $request->getBody()), 'md5' => md5((string) $request->getBody())]),
    '/status' => new Response($number($request, 'code', 200)),
    default => new Response(404, ['Content-Type' => 'text/plain'], "not found\n"),
};

while ($request = $worker->waitRequest()) {
    try {
        $worker->respond($handle($request));
    } catch (Throwable $error) {
        $worker->fail($error);
    }
}
