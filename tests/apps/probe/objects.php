<?php
// The application behind RrEmbed\Http\Worker: the extension's classes on a thread, the library's in a process.
declare(strict_types=1);

require __DIR__ . '/application.php';
require __DIR__ . '/../../../php/autoload.php';

// As a script does that has an event loop: other streams would be in the same select().
function selected(RrEmbed\Http\Worker $worker): ?RrEmbed\Http\Request
{
    for (;;) {
        $readable = [$worker->ready()];
        $none = null;
        stream_select($readable, $none, $none, null);
        try {
            return $worker->accept(0);
        } catch (RrEmbed\Exception\TimeoutException) {
            // Another worker was quicker.
        }
    }
}

$worker = new RrEmbed\Http\Worker();
$select = getenv('PROBE_SELECT') !== false;
while (($request = $select ? selected($worker) : $worker->accept()) !== null) {
    try {
        $answer = Probe\answer([
            'method' => $request->method, 'path' => $request->path, 'query' => $request->queryParams, 'cookies' => $request->cookies,
            'headers' => array_change_key_case(array_map(static fn (array $values): string => implode(', ', $values), $request->headers)),
            'form' => $request->parsedBody, 'body' => $request->body(),
            'files' => Probe\flattened(
                $request->files,
                static fn (mixed $node): bool => $node instanceof RrEmbed\Http\UploadedFile,
                static fn (RrEmbed\Http\UploadedFile $file): array => ['name' => $file->clientName, 'type' => $file->clientType, 'size' => $file->size, 'error' => $file->error, 'path' => $file->path],
            ),
        ]);
    } catch (Throwable $error) {
        $request->fail($error);
        continue;
    }
    foreach ($answer['hints'] ?? [] as $headers) {
        $request->informational(103, $headers);
    }
    $headers = $answer['headers'] + ($answer['more'] ?? []);
    if (is_string($answer['body'])) {
        $request->respond($answer['status'], $headers, $answer['body']);
        continue;
    }
    $writer = $request->open($answer['status'], $headers);
    foreach ($answer['body'] as $chunk) {
        if (!$writer->write($chunk)) {
            break;
        }
        $writer->flush();
    }
    $writer->trailers($answer['trailers'] ?? []);
    $writer->end();
}
