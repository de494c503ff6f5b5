<?php
// A goridge worker without any package: what the frames themselves cost. Runs as a process and on a thread.
$control = 0x01;
$stop = 0x02; // of byte 10
$answer = '{"status":200,"headers":{"Content-Type":["text/plain"]}}';
$frame = static function (string $payload, string $options = '', int $flags = 0): string {
    $head = chr(0x13 + (strlen($options) >> 2)) . chr($flags) . pack('V', strlen($payload));
    return $head . pack('V', crc32($head)) . "\0\0" . $options . $payload;
};
$hello = $frame($answer . 'Hello World!', pack('V', strlen($answer)), 0x08); // Codec JSON.
while (is_string($head = fread(STDIN, 12)) && strlen($head) === 12) {
    $rest = ((ord($head[0]) & 15) - 3) * 4 + unpack('V', $head, 2)[1];
    for ($body = ''; strlen($body) < $rest; $body .= $part) {
        $part = fread(STDIN, $rest - strlen($body));
        if ($part === '' || $part === false) {
            exit(1);
        }
    }
    if (ord($head[1]) & $control) {
        if (str_contains($body, '"stop"')) {
            break;
        }
        fwrite(STDOUT, $frame(json_encode(['pid' => getmypid()]), '', $control));
        continue;
    }
    if (!(ord($head[10]) & $stop)) {
        fwrite(STDOUT, $hello);
    }
}
