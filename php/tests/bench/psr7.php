<?php

declare(strict_types=1);

/*
 * Cost of one request in Psr7Worker: frame in, PSR-7 request, PSR-7 response, frame out. Without the pipe:
 *
 *     php -d opcache.enable_cli=1 php/tests/bench/psr7.php [requests]
 */

use Nyholm\Psr7\Factory\Psr17Factory;
use Nyholm\Psr7\Response;
use RrEmbed\Goridge\Frame;
use RrEmbed\Goridge\Relay;
use RrEmbed\Http\Psr7Worker;
use RrEmbed\Http\Worker;
use RrEmbed\Internal\WorkerChannel;

require dirname(__DIR__, 3).'/vendor/autoload.php';

$context = [
    'remoteAddr' => '127.0.0.1', 'protocol' => 'HTTP/1.1', 'method' => 'GET',
    'uri' => 'http://localhost:8080/products/42?sort=price&page=2',
    'headers' => [
        'Accept' => ['text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8'],
        'Accept-Encoding' => ['gzip, deflate, br'], 'Accept-Language' => ['en-US,en;q=0.5'], 'Cache-Control' => ['max-age=0'],
        'Connection' => ['keep-alive'], 'Cookie' => ['a=b; PHPSESSID=abcdef123456'], 'Referer' => ['http://localhost:8080/'],
        'Sec-Fetch-Dest' => ['document'], 'Sec-Fetch-Mode' => ['navigate'], 'Sec-Fetch-Site' => ['same-origin'],
        'Upgrade-Insecure-Requests' => ['1'],
        'User-Agent' => ['Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0'],
    ],
    'cookies' => ['a' => 'b', 'PHPSESSID' => 'abcdef123456'], 'rawQuery' => 'sort=price&page=2', 'parsed' => false,
    'uploads' => null, 'attributes' => [],
];
$json = (string) json_encode($context);
$field = static fn (string $tag, string $value): string => $tag.(strlen($value) < 128 ? chr(strlen($value)) : chr(strlen($value) & 127 | 128).chr(strlen($value) >> 7)).$value;
$protobuf = $field("\x0a", $context['remoteAddr']).$field("\x12", $context['protocol']).$field("\x1a", $context['method']).$field("\x22", $context['uri']).$field("\x3a", $context['rawQuery']);
foreach ($context['headers'] as $name => [$value]) {
    $protobuf .= $field("\x2a", $field("\x0a", $name).$field("\x12", $field("\x0a", $value)));
}
foreach ($context['cookies'] as $name => $value) {
    $protobuf .= $field("\x32", $field("\x0a", $name).$field("\x12", $field("\x0a", $value)));
}

$requests = (int) ($argv[1] ?? 100_000);
$factory = new Psr17Factory();
foreach (['json' => [$json, Frame::JSON], 'protobuf' => [$protobuf, Frame::PROTO]] as $name => [$bytes, $flags]) {
    // Gives the same bytes again and again, decoded anew, and counts what is sent.
    $relay = new class((new Frame($bytes, [strlen($bytes)], $flags))->encode()) implements Relay {
        public int $left = 0;
        public int $bytes = 0;

        public function __construct(private readonly string $frame)
        {
        }

        public function receive(): ?Frame
        {
            if (0 === $this->left--) {
                return null;
            }
            $header = Frame::decodeHeader(substr($this->frame, 0, 12));

            return new Frame(substr($this->frame, 16), Frame::decodeOptions(substr($this->frame, 12, 4)), $header['flags']);
        }

        public function send(Frame $frame): void
        {
            $this->bytes += strlen($frame->encode());
        }

        public function wait(?float $timeout): bool
        {
            return $this->left > 0;
        }

        public function stream(): mixed
        {
            return \STDIN;
        }
    };
    WorkerChannel::install(new WorkerChannel($relay));
    $worker = new Psr7Worker(new Worker(), $factory, $factory, $factory);
    $best = \INF;
    for ($round = 0; $round < 5; ++$round) {
        $relay->left = intdiv($requests, 5);
        $started = hrtime(true);
        for ($i = intdiv($requests, 5); $i > 0; --$i) {
            $worker->waitRequest();
            $worker->respond(new Response(200, ['Content-Type' => 'text/plain'], 'Hello, world!'));
        }
        $best = min($best, (hrtime(true) - $started) / 1e3 / intdiv($requests, 5));
    }
    printf("%-8s %.1f µs a request\n", $name, $best);
}
