<?php
// The application behind superglobals, echo and header(): classic mode and rr_embed_handle_request().
declare(strict_types=1);

namespace Probe;

require_once __DIR__ . '/application.php';

function request_of_superglobals(): array
{
    $headers = [];
    foreach ($_SERVER as $name => $value) {
        if (str_starts_with((string) $name, 'HTTP_')) {
            $headers[strtolower(strtr(substr($name, 5), '_', '-'))] = $value;
        }
    }
    if (isset($_SERVER['CONTENT_TYPE'])) {
        $headers['content-type'] = $_SERVER['CONTENT_TYPE'];
    }
    $files = [];
    foreach ($_FILES as $field => $file) {
        foreach (is_array($file['name']) ? array_keys($file['name']) : [null] as $key) {
            $one = static fn (string $part): mixed => $key === null ? $file[$part] : $file[$part][$key];
            $files[] = ['field' => $key === null ? $field : "{$field}[$key]", 'name' => $one('name'), 'type' => $one('type'), 'size' => $one('size'),
                'error' => $one('error'), 'path' => $one('tmp_name')];
        }
    }

    return ['method' => $_SERVER['REQUEST_METHOD'], 'path' => explode('?', $_SERVER['REQUEST_URI'])[0], 'query' => $_GET, 'headers' => $headers,
        'cookies' => $_COOKIE, 'form' => $_POST, 'body' => (string) file_get_contents('php://input'), 'files' => $files];
}

function serve_superglobals(): void
{
    $answer = answer(request_of_superglobals());
    foreach ($answer['hints'] ?? [] as $headers) {
        \RrEmbed\send_informational(103, $headers);
    }
    http_response_code($answer['status']);
    foreach ($answer['headers'] + ($answer['more'] ?? []) as $name => $values) {
        foreach ($values as $value) {
            header("$name: $value", false);
        }
    }
    if (is_string($answer['body'])) {
        echo $answer['body'];

        return;
    }
    foreach ($answer['body'] as $chunk) {
        echo $chunk;
        flush();
    }
}
