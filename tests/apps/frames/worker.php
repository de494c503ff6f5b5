<?php
// The application of tests/apps/probe behind goridge frames, spoken by hand: no package. Runs in a process and, the same
// file, on a thread. Understands HTTP contexts in JSON.
declare(strict_types=1);

require __DIR__ . '/../probe/application.php';

const CONTROL = 0x01, ERROR = 0x40, JSON = 0x08;
const STREAM = 0x01, STOP = 0x02, PING = 0x04;

/** @return array{flags: int, b10: int, options: list<int>, payload: string}|null null at the end of input */
function receive(): ?array
{
    $read = static function (int $bytes): ?string {
        for ($data = ''; strlen($data) < $bytes; $data .= $part) {
            $part = fread(STDIN, $bytes - strlen($data));
            if ($part === '' || $part === false) {
                return null;
            }
        }

        return $data;
    };
    if (($head = $read(12)) === null) {
        return null;
    }
    $count = (ord($head[0]) & 15) - 3;
    $options = $count > 0 ? array_values(unpack('V*', (string) $read($count * 4))) : [];
    $length = unpack('V', $head, 2)[1];

    return ['flags' => ord($head[1]), 'b10' => ord($head[10]), 'options' => $options, 'payload' => $length > 0 ? (string) $read($length) : ''];
}

function transmit(string $payload, array $options = [], int $flags = 0, int $b10 = 0): void
{
    $head = chr(16 | 3 + count($options)) . chr($flags) . pack('V', strlen($payload));
    fwrite(STDOUT, $head . pack('V', crc32($head)) . chr($b10) . "\0" . pack('V*', ...$options) . $payload);
    fflush(STDOUT);
}

function respond(int $status, array $headers, string $body, bool $more): void
{
    $context = json_encode(['status' => $status, 'headers' => $headers ?: new stdClass()], JSON_THROW_ON_ERROR);
    transmit($context . $body, [strlen($context)], JSON, $more ? STREAM : 0);
}

function request_of_frame(array $frame): array
{
    $context = json_decode(substr($frame['payload'], 0, $frame['options'][0]), true, 64, JSON_THROW_ON_ERROR);
    $body = substr($frame['payload'], $frame['options'][0]);
    parse_str($context['rawQuery'] ?? '', $query);

    return [
        'method' => $context['method'], 'path' => parse_url($context['uri'], PHP_URL_PATH) ?: '/', 'query' => $query, 'cookies' => $context['cookies'] ?? [],
        'headers' => array_change_key_case(array_map(static fn (array $values): string => implode(', ', $values), $context['headers'] ?? [])),
        'form' => $context['parsed'] ? json_decode($body ?: '{}', true, 512, JSON_THROW_ON_ERROR) : [], 'body' => $context['parsed'] ? '' : $body,
        'files' => Probe\flattened(
            $context['uploads'] ?? [],
            static fn (array $node): bool => isset($node['tmpName']) && is_string($node['tmpName']),
            static fn (array $file): array => ['name' => $file['name'], 'type' => $file['mime'], 'size' => $file['size'], 'error' => $file['error'], 'path' => $file['tmpName']],
        ),
    ];
}

/** Sends a stream's chunks until the server says that nobody listens any more. */
function stream(array $answer, array $headers): void
{
    stream_set_blocking(STDIN, true);
    foreach ($answer['body'] as $chunk) {
        $waiting = [STDIN];
        $none = [];
        if (stream_select($waiting, $none, $none, 0) > 0 && (receive()['b10'] ?? 0) & STOP) {
            break;
        }
        respond($answer['status'], $headers, $chunk, true);
    }
    transmit('', [0]);
}

while (($frame = receive()) !== null) {
    if ($frame['flags'] & CONTROL) {
        $command = json_decode($frame['payload'], true);
        if (!empty($command['stop'])) {
            break;
        }
        transmit(json_encode(['pid' => getmypid()]), [], CONTROL);
        continue;
    }
    if ($frame['b10'] & STOP) {
        continue; // Came after the stream's end.
    }
    try {
        $answer = Probe\answer(request_of_frame($frame));
        foreach ($answer['hints'] ?? [] as $hint) {
            respond(103, array_map(static fn (string $value): array => [$value], $hint), '', true);
        }
        $headers = $answer['headers'] + ($answer['more'] ?? []);
        if (is_string($answer['body'])) {
            respond($answer['status'], $headers, $answer['body'], false);
        } else {
            stream($answer, $headers);
        }
    } catch (Throwable $error) {
        transmit((string) $error, [], ERROR);
    }
}
