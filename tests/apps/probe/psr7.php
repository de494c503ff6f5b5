<?php
// The application in a PSR-7 worker. PROBE_SDK says whose: "ours" (this repository's package) or "official" (the
// unmodified Spiral packages); PROBE_AUTOLOAD names an autoloader with nyholm/psr7, and with them where they are asked for.
declare(strict_types=1);

require __DIR__ . '/application.php';
require getenv('PROBE_AUTOLOAD');
require __DIR__ . '/ChunkStream.php';

$factory = new Nyholm\Psr7\Factory\Psr17Factory();
if (getenv('PROBE_SDK') === 'official') {
    $worker = new Spiral\RoadRunner\Http\PSR7Worker(Spiral\RoadRunner\Worker::create(), $factory, $factory, $factory);
    $inform = static fn (array $headers) => $worker->getHttpWorker()->respond(103, '', array_map(static fn (string $value): array => [$value], $headers), false);
    $stream = static fn (array $answer, array $headers) => $worker->getHttpWorker()->respond($answer['status'], $answer['body'], $headers);
    $fail = static fn (Throwable $error) => $worker->getWorker()->error((string) $error);
} else {
    require_once __DIR__ . '/../../../php/autoload.php';
    $worker = new RrEmbed\Http\Psr7Worker(new RrEmbed\Http\Worker(), $factory, $factory, $factory);
    $inform = static fn (array $headers) => $worker->respond(new Nyholm\Psr7\Response(103, $headers));
    $stream = static fn (array $answer, array $headers) => $worker->respond(new Nyholm\Psr7\Response($answer['status'], $headers, new Probe\ChunkStream($answer['body'])));
    $fail = static fn (Throwable $error) => $worker->fail($error);
}

while (($request = $worker->waitRequest()) !== null) {
    try {
        $answer = Probe\answer([
            'method' => $request->getMethod(), 'path' => $request->getUri()->getPath(), 'query' => $request->getQueryParams(), 'cookies' => $request->getCookieParams(),
            'headers' => array_change_key_case(array_map(static fn (array $values): string => implode(', ', $values), $request->getHeaders())),
            'form' => $request->getParsedBody() ?? [], 'body' => (string) $request->getBody(),
            'files' => Probe\flattened(
                $request->getUploadedFiles(),
                static fn (mixed $node): bool => $node instanceof Psr\Http\Message\UploadedFileInterface,
                static fn (Psr\Http\Message\UploadedFileInterface $file): array => ['name' => $file->getClientFilename(), 'type' => $file->getClientMediaType(), 'size' => $file->getSize(),
                    'error' => $file->getError(), 'path' => $file->getError() === 0 ? $file->getStream()->getMetadata('uri') : ''],
            ),
        ]);
        foreach ($answer['hints'] ?? [] as $headers) {
            $inform($headers);
        }
        $headers = $answer['headers'] + ($answer['more'] ?? []);
        if (is_string($answer['body'])) {
            $worker->respond(new Nyholm\Psr7\Response($answer['status'], $headers, $answer['body']));
        } else {
            $stream($answer, $headers);
        }
    } catch (Throwable $error) {
        $fail($error);
    }
}
