<?php
// rpc.Version over a unix socket, one call after the other: php rpc-version.php SOCKET SECONDS [AUTOLOADER]. Without an
// autoloader the client is the least that goridge asks for; with one it is the official package's. Prints one line of JSON:
// the median and the 99th percentile of a call in microseconds, this process's CPU time per call, and the number of calls.
[, $socket, $seconds, $autoload] = $argv + [3 => ''];

function own_call(string $path): Closure
{
    $link = socket_create(AF_UNIX, SOCK_STREAM, 0);
    socket_connect($link, $path) || exit(1);
    return static function (string $method, string $argument) use ($link): mixed {
        static $sequence = 0;
        $head = "\x15\x08" . pack('V', strlen($method) + strlen($argument));
        $frame = $head . pack('VvVV', crc32($head), 0, ++$sequence, strlen($method)) . $method . $argument;
        socket_send($link, $frame, strlen($frame), 0);
        for ($answer = '', $need = 20; strlen($answer) < $need;) {
            if (!socket_recv($link, $part, 65536, 0)) {
                throw new RuntimeException('the server has closed the connection');
            }
            $answer .= $part;
            if (strlen($answer) >= 20) {
                $need = 20 + unpack('V', $answer, 2)[1];
            }
        }
        if (unpack('V', $answer, 12)[1] !== $sequence || ord($answer[1]) & 0x40) {
            throw new RuntimeException($answer);
        }
        return json_decode(substr($answer, 20 + strlen($method)), true, 16, JSON_THROW_ON_ERROR);
    };
}

function official_call(string $path, string $autoload): Closure
{
    require $autoload;
    $rpc = Spiral\Goridge\RPC\RPC::create("unix://$path");
    return static fn (string $method, mixed $argument): mixed => $rpc->call($method, $argument);
}

$call = $autoload === '' ? own_call($socket) : official_call($socket, $autoload);
$argument = $autoload === '' ? 'true' : true;
for ($i = 0; $i < 500; ++$i) {
    is_string($call('rpc.Version', $argument)) || exit(1);
}

require __DIR__ . '/measure.php';
measure(static fn (): mixed => $call('rpc.Version', $argument), (float) $seconds);
