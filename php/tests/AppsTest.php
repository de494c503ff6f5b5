<?php

declare(strict_types=1);

namespace RrEmbed\Tests;

use PHPUnit\Framework\Attributes\DataProvider;
use PHPUnit\Framework\Attributes\TestWith;
use PHPUnit\Framework\TestCase;
use RrEmbed\Goridge\Frame;
use RrEmbed\Goridge\StreamRelay;

/**
 * The worker scripts of the examples and of the end-to-end tests, in processes of their own.
 */
final class AppsTest extends TestCase
{
    private const PSR7 = 'tests/apps/psr7/worker.php';

    /** @var resource|null */
    private mixed $process = null;

    private StreamRelay $relay;

    protected function tearDown(): void
    {
        if (null !== $this->process) {
            proc_terminate($this->process, \SIGKILL);
            proc_close($this->process);
            $this->process = null;
        }
    }

    public function testHelloAnswers(): void
    {
        $this->start('examples/hello/worker.php');

        self::assertStringContainsString('You asked for /some/path', $this->request('/some/path')['body']);
    }

    #[TestWith(['/', 200, 'Hello, world!'])]
    #[TestWith(['/cookies', 200, '{"c":"v"}'])]
    #[TestWith(['/error', null, ''])]
    #[TestWith(['/status?code=418', 418, ''])]
    #[TestWith(['/nowhere', 404, "not found\n"])]
    public function testThePsr7WorkerServesItsRoutes(string $target, ?int $status, string $body): void
    {
        $this->start(self::PSR7);
        // Twice: an error must not end the worker.
        $this->request($target, ['cookies' => ['c' => 'v']]);
        $answer = $this->request($target, ['cookies' => ['c' => 'v']]);

        self::assertSame($status, $answer['status']);
        if (null !== $status) {
            self::assertSame($body, $answer['body']);
        } else {
            self::assertStringStartsWith('RuntimeException: the handler failed on purpose', $answer['body']);
        }
    }

    public function testThePsr7WorkerTakesJsonFormsAndFiles(): void
    {
        $this->start(self::PSR7);
        $post = ['method' => 'POST', 'headers' => ['Content-Type' => ['application/json']]];
        self::assertSame('{"a":[1,"ü"]}', $this->request('/echo-json', $post, '{ "a": [1, "\u00fc"] }')['body']);

        $form = ['method' => 'POST', 'parsed' => true, 'headers' => ['Content-Type' => ['application/x-www-form-urlencoded']]];
        self::assertSame('{"a":{"b":"1"}}', $this->request('/form', $form, '{"a":{"b":"1"}}')['body']);

        $path = (string) tempnam(sys_get_temp_dir(), 'upload');
        file_put_contents($path, 'abc');
        $upload = ['method' => 'POST', 'parsed' => true, 'headers' => ['Content-Type' => ['multipart/form-data; boundary=x']], 'uploads' => ['f' => [['name' => 'a.txt', 'mime' => 'text/plain', 'size' => 3, 'error' => 0, 'tmpName' => $path]]]];
        self::assertSame('{"fields":{"k":"v"},"files":{"f":[{"name":"a.txt","type":"text/plain","size":3,"error":0,"md5":"900150983cd24fb0d6963f7d28e17f72"}]}}', $this->request('/upload', $upload, '{"k":"v"}')['body']);
        unlink($path);
    }

    public function testThePsr7WorkerStreamsAndHints(): void
    {
        $this->start(self::PSR7);
        $answer = $this->request('/stream?chunks=12&bytes=9');
        self::assertSame(13, $answer['frames']);
        self::assertStringStartsWith("piece 1..\npiece 2..\n", $answer['body']);
        self::assertStringEndsWith("piece 12.\n", $answer['body']);

        $answer = $this->request('/early-hints');
        self::assertSame([200, 2, "hinted\n"], [$answer['status'], $answer['frames'], $answer['body']]);
    }

    /**
     * @return iterable<string, array{int}>
     */
    public static function sizes(): iterable
    {
        yield 'a frame' => [1 << 20];
        yield 'pieces' => [10 << 20];
    }

    #[DataProvider('sizes')]
    public function testThePsr7WorkerSendsAndTakesLargeBodies(int $bytes): void
    {
        $this->start(self::PSR7);
        $body = str_repeat('0123456789abcdef', $bytes >> 4);
        self::assertTrue($body === $this->request('/large?bytes='.$bytes)['body']);
        self::assertSame(json_encode(['length' => $bytes, 'md5' => md5($body)]), $this->request('/length', ['method' => 'POST'], $body)['body']);
    }

    private function start(string $script): void
    {
        $process = proc_open(
            [\PHP_BINARY, \dirname(__DIR__, 2).'/'.$script],
            [['pipe', 'r'], ['pipe', 'w'], ['file', '/dev/null', 'w']],
            $pipes,
            null,
            ['RR_MODE' => 'http', 'RR_RELAY' => 'pipes'],
        );
        self::assertNotFalse($process);
        /** @var array{resource, resource} $pipes */
        $this->process = $process;
        $this->relay = new StreamRelay($pipes[1], $pipes[0]);
        $this->relay->send(new Frame('{"pid":1}', [], Frame::CONTROL | Frame::JSON));
        self::assertSame('{"pid":'.proc_get_status($process)['pid'].'}', $this->relay->receive()?->payload);
    }

    /**
     * @param array<string, mixed> $context
     *
     * @return array{status: int|null, body: string, frames: int} status: the last; null for an error frame
     */
    private function request(string $target, array $context = [], string $body = ''): array
    {
        $json = json_encode($context + [
            'remoteAddr' => '127.0.0.1', 'protocol' => 'HTTP/1.1', 'method' => 'GET', 'uri' => 'http://localhost'.$target, 'headers' => (object) [],
            'cookies' => (object) [], 'rawQuery' => explode('?', $target)[1] ?? '', 'parsed' => false, 'uploads' => null, 'attributes' => null,
        ], \JSON_THROW_ON_ERROR);
        $this->relay->send(new Frame($json.$body, [\strlen($json)], Frame::JSON));
        $status = null;
        $answer = '';
        $frames = 0;
        do {
            $frame = $this->relay->receive();
            self::assertNotNull($frame);
            $length = $frame->options[0] ?? 0;
            if ($length > 0) {
                $head = json_decode(substr($frame->payload, 0, $length), true);
                self::assertIsArray($head);
                self::assertIsInt($head['status']);
                $status = $head['status'];
            }
            $answer .= substr($frame->payload, $length);
            ++$frames;
        } while (0 !== $frame->stream);

        return ['status' => $status, 'body' => $answer, 'frames' => $frames];
    }
}
