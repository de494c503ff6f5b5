<?php
// One small application that every kind of worker runs, so that their answers can be compared byte by byte. Plain
// functions and arrays: how a request comes in and an answer goes out is the business of the files beside it.
//
// A request: method, path, query (array), headers (lower-case name => value), cookies, form, body (string),
//            files (list of field, name, type, size, error, path).
// An answer: status, headers (name => list of values), body (string, or iterable of strings for a streamed one),
//            hints (list of header maps, each sent as 103 before the answer),
//            trailers (header map, where the script can send one after the body).
declare(strict_types=1);

namespace Probe;

function answer(array $request): array
{
    return match (true) {
        $request['path'] === '/' => text('hello'),
        $request['path'] === '/query' => json(['method' => $request['method'], 'query' => $request['query']]),
        $request['path'] === '/form' => json(['method' => $request['method'], 'form' => $request['form']]),
        basename($request['path']) === 'body' => json([
            'method' => $request['method'],
            'type' => $request['headers']['content-type'] ?? null,
            'length' => strlen($request['body']),
            'crc32' => hash('crc32b', $request['body']),
            'start' => base64_encode(substr($request['body'], 0, 64)),
        ]),
        basename($request['path']) === 'upload' => json(['form' => $request['form'], 'files' => array_map(described(...), $request['files'])]),
        $request['path'] === '/cookies' => cookies($request),
        $request['path'] === '/headers' => json(['x-test' => $request['headers']['x-test'] ?? null, 'user-agent' => $request['headers']['user-agent'] ?? null])
            + ['more' => ['X-Multi' => ['one', 'two'], 'X-Plain' => ['value; with, punctuation']]],
        $request['path'] === '/stream' => text(stream((int) ($request['query']['n'] ?? 3), (int) ($request['query']['size'] ?? 0), (int) ($request['query']['wait'] ?? 0))),
        $request['path'] === '/trailers' => text(stream(2, 0, 0)) + ['trailers' => ['X-Sum' => 'abc', 'x-twice' => ['1', '2']]],
        $request['path'] === '/hints' => text('after the hints') + ['hints' => [['Link' => '</style.css>; rel=preload; as=style'], ['Link' => '</app.js>; rel=preload; as=script']]],
        $request['path'] === '/large' => text(pattern((int) ($request['query']['size'] ?? 0))),
        $request['path'] === '/redirect' => ['status' => 302, 'headers' => ['Location' => ['/elsewhere?a=1']], 'body' => ''],
        $request['path'] === '/empty' => ['status' => 204, 'headers' => [], 'body' => ''],
        $request['path'] === '/throw' => throw new \RuntimeException('thrown by the application'),
        $request['path'] === '/fatal' => not_defined_anywhere(),
        $request['path'] === '/exit' => exit(3),
        $request['path'] === '/memory' => str_repeat('x', 1 << 40),
        basename($request['path']) === 'sleep' => slept((int) ($request['query']['ms'] ?? 0)),
        $request['path'] === '/spin' => spun((int) ($request['query']['ms'] ?? 0)),
        basename($request['path']) === 'identity' => text(identity($request)),
        basename($request['path']) === 'word' => text(\defined('Probe\WORD') ? \constant('Probe\WORD') : ''),
        $request['path'] === '/generation' => text(getenv('GENERATION') . ($request['form'] === [] ? ' raw' : ' parsed')),
        $request['path'] === '/count' => text((string) count_up()),
        $request['path'] === '/crash' => crash((int) ($request['query']['signal'] ?? 9)),
        basename($request['path']) === 'overflow' => text((string) overflow(0)),
        $request['path'] === '/include' => included($request['query']),
        $request['path'] === '/opcache-reset' => text(opcache_reset() ? 'reset' : 'no'),
        str_starts_with($request['path'], '/status/') => text('status ' . basename($request['path']), (int) basename($request['path'])),
        default => text('not found: ' . $request['path'], 404),
    };
}

// Each level takes stack of the engine's C code: the process dies of a real SIGSEGV.
function overflow(int $depth): int
{
    return array_sum(array_map(overflow(...), [$depth + 1]));
}

function text(string|iterable $body, int $status = 200): array
{
    return ['status' => $status, 'headers' => ['Content-Type' => ['text/plain;charset=UTF-8']], 'body' => $body];
}

function json(array $value): array
{
    return ['status' => 200, 'headers' => ['Content-Type' => ['application/json']], 'body' => json_encode($value, JSON_UNESCAPED_SLASHES | JSON_THROW_ON_ERROR)];
}

function described(array $file): array
{
    $content = $file['error'] === 0 ? (string) file_get_contents($file['path']) : '';

    return ['field' => $file['field'], 'name' => $file['name'], 'type' => $file['type'], 'size' => $file['size'], 'error' => $file['error'], 'crc32' => hash('crc32b', $content)];
}

function cookies(array $request): array
{
    $answer = json($request['cookies']);
    $answer['headers']['Set-Cookie'] = ['session=abc; path=/; HttpOnly', 'theme=dark; path=/'];

    return $answer;
}

function stream(int $chunks, int $size, int $wait): iterable
{
    for ($i = 1; $i <= $chunks; $i++) {
        yield $size > 0 ? pattern($size) : "chunk $i\n";
        if ($wait > 0 && $i < $chunks) {
            usleep($wait * 1000);
        }
    }
}

/** Bytes that betray a lost, doubled or moved piece: 16 a line, each line its own number. */
function pattern(int $size): string
{
    $lines = '';
    for ($i = 0; $i * 16 < $size; $i++) {
        $lines .= sprintf("%015d\n", $i);
    }

    return substr($lines, 0, $size);
}

function slept(int $milliseconds): array
{
    usleep($milliseconds * 1000);

    return text('slept');
}

function spun(int $milliseconds): array
{
    for ($end = hrtime(true) + $milliseconds * 1_000_000; hrtime(true) < $end;) {
    }

    return text('spun');
}

/** Echoes what only this request carries: an answer that reaches another client shows. */
function identity(array $request): string
{
    return ($request['query']['id'] ?? '') . ' ' . ($request['headers']['x-id'] ?? '') . ' ' . hash('crc32b', $request['body']);
}

function count_up(): int
{
    static $served = 0;

    return ++$served;
}

/** Writes a file that returns its own number, of about that many bytes, unless it is there; runs it. Rewrites some. */
function included(array $query): array
{
    $file = "{$query['dir']}/included-" . (int) $query['file'] . '.php';
    if (!is_file($file) || random_int(0, 19) === 0) {
        $padding = '';
        for ($i = 0; strlen($padding) < (int) $query['size']; $i++) {
            $padding .= "function f_{$query['file']}_$i() { return 'a text of its own, number $i of {$query['file']}'; }\n";
        }
        $own = $file . '.' . bin2hex(random_bytes(8));
        file_put_contents($own, '<?php if (false) { ' . $padding . " }\nreturn 'file " . (int) $query['file'] . "';\n");
        rename($own, $file);
    }

    return text((string) include $file);
}

/** Only for worker processes: ends them without any of PHP's own clean-up. */
function crash(int $signal): never
{
    posix_kill(getmypid(), $signal);
    sleep(10);
    exit(1);
}

/** The application's files in one flat list, from a tree of uploads whose leaves have the keys of a $_FILES entry. */
function flattened(array $tree, callable $isLeaf, callable $describe, string $field = ''): array
{
    $found = [];
    foreach ($tree as $name => $node) {
        $own = $field === '' ? (string) $name : $field . '[' . $name . ']';
        $found = $isLeaf($node) ? [...$found, ['field' => $own] + $describe($node)] : [...$found, ...flattened($node, $isLeaf, $describe, $own)];
    }

    return $found;
}
