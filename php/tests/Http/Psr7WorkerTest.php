<?php

declare(strict_types=1);

namespace RrEmbed\Tests\Http;

use GuzzleHttp\Psr7\HttpFactory;
use GuzzleHttp\Psr7\PumpStream;
use Nyholm\Psr7\Factory\Psr17Factory;
use Nyholm\Psr7\Response;
use Nyholm\Psr7\Stream;
use PHPUnit\Framework\Attributes\DataProvider;
use PHPUnit\Framework\Attributes\TestWith;
use PHPUnit\Framework\TestCase;
use Psr\Http\Message\ServerRequestFactoryInterface;
use Psr\Http\Message\ServerRequestInterface;
use Psr\Http\Message\StreamFactoryInterface;
use Psr\Http\Message\UploadedFileFactoryInterface;
use Psr\Http\Message\UploadedFileInterface;
use RrEmbed\Exception\InvalidStateException;
use RrEmbed\Goridge\Frame;
use RrEmbed\Http\Psr7Worker;
use RrEmbed\Http\Worker;
use RrEmbed\Internal\WorkerChannel;
use RrEmbed\Tests\FakeServer;

final class Psr7WorkerTest extends TestCase
{
    private FakeServer $server;

    /** @var array<array-key, mixed> */
    private array $superglobal;

    protected function setUp(): void
    {
        $this->superglobal = $_SERVER;
        $this->server = new FakeServer();
    }

    protected function tearDown(): void
    {
        $this->server->close();
        WorkerChannel::install(null);
        $_SERVER = $this->superglobal;
    }

    /**
     * Two implementations that are constructed at once, and one that only its factory can make.
     *
     * @return iterable<string, array{ServerRequestFactoryInterface&StreamFactoryInterface&UploadedFileFactoryInterface}>
     */
    public static function factories(): iterable
    {
        yield 'nyholm' => [new Psr17Factory()];
        yield 'guzzle' => [new HttpFactory()];
        yield 'factory only' => [new class extends Psr17Factory {}]; // @phpstan-ignore class.extendsFinalByPhpDoc
    }

    #[DataProvider('factories')]
    public function testARequestIsTheSameMessageWithEveryImplementation(ServerRequestFactoryInterface&StreamFactoryInterface&UploadedFileFactoryInterface $factory): void
    {
        $request = $this->receive($factory, [
            'method' => 'PUT', 'uri' => 'http://example.org:8080/a%20b?x[]=1&y=2', 'rawQuery' => 'x[]=1&y=2', 'protocol' => 'HTTP/1.0',
            'headers' => ['Accept' => ['text/html', 'text/plain'], 'Content-Type' => ['application/json'], '7' => ['number']],
            'cookies' => ['c' => 'v'], 'attributes' => ['ipAddress' => '203.0.113.9'],
        ], '{"json":1}');

        self::assertSame('PUT', $request->getMethod());
        self::assertSame('http://example.org:8080/a%20b?x%5B%5D=1&y=2', str_replace(['[', ']'], ['%5B', '%5D'], (string) $request->getUri()));
        self::assertSame('1.0', $request->getProtocolVersion());
        self::assertSame(['x' => ['1'], 'y' => '2'], $request->getQueryParams());
        self::assertSame(['c' => 'v'], $request->getCookieParams());
        self::assertSame('{"json":1}', (string) $request->getBody());
        self::assertNull($request->getParsedBody());
        self::assertSame([], $request->getUploadedFiles());
        self::assertSame('203.0.113.9', $request->getAttribute('ipAddress'));
        self::assertSame('203.0.113.9', $request->getServerParams()['REMOTE_ADDR'] ?? null);
        self::assertSame('/a%20b?x[]=1&y=2', $_SERVER['REQUEST_URI']);
        self::assertSame(['text/html', 'text/plain'], $request->getHeader('accept'));
        self::assertSame(['example.org:8080'], $request->getHeader('Host'));
        self::assertSame('number', $request->getHeaderLine('7'));
    }

    #[DataProvider('factories')]
    public function testAFormWithFiles(ServerRequestFactoryInterface&StreamFactoryInterface&UploadedFileFactoryInterface $factory): void
    {
        $path = (string) tempnam(sys_get_temp_dir(), 'upload');
        file_put_contents($path, 'abc');
        $request = $this->receive($factory, [
            'method' => 'POST', 'parsed' => true, 'headers' => ['Content-Type' => ['multipart/form-data; boundary=x']], 'uploads' => [
                'one' => ['name' => 'a.txt', 'mime' => 'text/plain', 'size' => 3, 'error' => 0, 'tmpName' => $path],
                'list' => [['name' => 'b', 'mime' => '', 'size' => 0, 'error' => 8, 'tmpName' => '']],
            ],
        ], '{"a":{"b":"1"}}');
        $files = $request->getUploadedFiles();
        unlink($path);

        self::assertSame(['a' => ['b' => '1']], $request->getParsedBody());
        self::assertSame('', (string) $request->getBody());
        self::assertInstanceOf(UploadedFileInterface::class, $files['one']);
        self::assertSame(['a.txt', 'text/plain', 3, 0, 'abc'], [
            $files['one']->getClientFilename(), $files['one']->getClientMediaType(), $files['one']->getSize(), $files['one']->getError(), (string) $files['one']->getStream(),
        ]);
        self::assertIsArray($files['list']);
        self::assertInstanceOf(UploadedFileInterface::class, $files['list'][0]);
        self::assertSame(8, $files['list'][0]->getError());
    }

    public function testAnEmptyFormIsAnEmptyArrayAndNotNull(): void
    {
        $request = $this->receive(new Psr17Factory(), ['method' => 'POST', 'parsed' => true, 'headers' => ['Content-Type' => ['application/x-www-form-urlencoded']]], '{}');

        self::assertSame([], $request->getParsedBody());
    }

    public function testARequestWithoutAHostHasARelativeUri(): void
    {
        $request = $this->receive(new Psr17Factory(), ['uri' => 'http:///path?q=1', 'rawQuery' => 'q=1', 'protocol' => 'HTTP/1.0']);

        self::assertSame('/path?q=1', (string) $request->getUri());
        self::assertFalse($request->hasHeader('Host'));
    }

    #[TestWith(['HTTP/2.0', '2'])]
    #[TestWith(['HTTP/3.0', '1.1'])]
    #[TestWith(['HTTP/1.1', '1.1'])]
    public function testTheProtocolIsOneThatPsr7Knows(string $protocol, string $version): void
    {
        self::assertSame($version, $this->receive(new Psr17Factory(), ['protocol' => $protocol])->getProtocolVersion());
    }

    public function testAUriThatPsr7HasNoFormForGets400AndTheNextRequestIsServed(): void
    {
        $worker = self::worker();
        $this->server->httpRequest(['uri' => 'http://example.org:99999/']);
        $this->server->httpRequest(['uri' => 'http://example.org/good']);

        self::assertSame('/good', $worker->waitRequest()?->getUri()->getPath());
        self::assertSame(400, $this->server->answer()['status']);
    }

    public function testAnAnswerOfKnownLengthIsOneFrame(): void
    {
        $worker = self::worker();
        $this->server->httpRequest();
        $worker->waitRequest();
        $worker->respond(new Response(201, ['X' => ['1', '2'], 'Content-Type' => 'text/plain'], 'body'));

        self::assertSame(['status' => 201, 'headers' => ['X' => ['1', '2'], 'Content-Type' => ['text/plain']], 'body' => 'body', 'stream' => 0, 'flags' => Frame::JSON], $this->server->answer());
        $this->expectException(InvalidStateException::class);
        $worker->respond(new Response());
    }

    public function testABodyThatWasReadIsSentFromItsStart(): void
    {
        $worker = self::worker();
        $this->server->httpRequest();
        $worker->waitRequest();
        $body = Stream::create('whole');
        $body->read(3);
        $worker->respond(new Response(200, [], $body));

        self::assertSame('whole', $this->server->answer()['body']);
    }

    public function testABodyOfUnknownLengthIsSentAsItComes(): void
    {
        $worker = self::worker();
        $this->server->httpRequest();
        $worker->waitRequest();
        $pieces = ['one', 'two', 'three'];
        $worker->respond(new Response(200, ['X' => '1'], new PumpStream(static function () use (&$pieces) {
            return array_shift($pieces) ?? false;
        })));
        $first = $this->server->answer();

        self::assertSame([200, ['X' => ['1']], Frame::STREAM], [$first['status'], $first['headers'], $first['stream']]);
        $all = $first['body'];
        do {
            $frame = $this->server->answer();
            $all .= $frame['body'];
        } while (0 !== $frame['stream']);
        self::assertSame('onetwothree', $all);
        $this->server->assertSilent();
    }

    public function testALargeBodyOfKnownLengthIsSentInPiecesWithItsLength(): void
    {
        $content = random_bytes((1 << 20) + 10);
        $path = (string) tempnam(sys_get_temp_dir(), 'body');
        file_put_contents($path, $content);
        // The socket pair holds less than the body: a reader has to be there.
        $child = pcntl_fork();
        if (0 === $child) {
            $worker = self::worker();
            $this->server->httpRequest();
            $worker->waitRequest();
            $worker->respond(new Response(200, [], (new Psr17Factory())->createStreamFromFile($path)));
            posix_kill((int) getmypid(), \SIGKILL);
        }
        $received = '';
        do {
            self::assertTrue($this->server->relay->wait(5.0));
            $frame = $this->server->answer();
            $received .= $frame['body'];
            self::assertLessThanOrEqual(65536, \strlen($frame['body']));
            self::assertSame('' === $received || \strlen($received) > 65536 ? [] : ['Content-Length' => ['1048586']], $frame['headers']);
        } while (0 !== $frame['stream']);
        pcntl_waitpid($child, $status);
        unlink($path);
        self::assertTrue($content === $received);
    }

    public function testAnInterimResponseIsFollowedByTheAnswer(): void
    {
        $worker = self::worker();
        $this->server->httpRequest();
        $worker->waitRequest();
        $worker->respond(new Response(103, ['Link' => '</a.css>']));
        $worker->respond(new Response(200, [], 'ok'));

        self::assertSame([103, ['Link' => ['</a.css>']], ''], \array_slice(array_values($this->server->answer()), 0, 3));
        self::assertSame([200, [], 'ok'], \array_slice(array_values($this->server->answer()), 0, 3));
    }

    public function testFailEndsTheExchangeAndTheLoopGoesOn(): void
    {
        $worker = self::worker();
        $worker->fail('no request yet');
        $this->server->httpRequest();
        $worker->waitRequest();
        $worker->fail(new \RuntimeException('broken'));
        self::assertStringStartsWith('RuntimeException: broken', $this->server->frame()->payload);
        $this->server->stop();

        self::assertNull($worker->waitRequest());
        $this->expectException(InvalidStateException::class);
        $worker->respond(new Response());
    }

    private static function worker(ServerRequestFactoryInterface&StreamFactoryInterface&UploadedFileFactoryInterface $factory = new Psr17Factory()): Psr7Worker
    {
        return new Psr7Worker(new Worker(), $factory, $factory, $factory);
    }

    /**
     * @param array<string, mixed> $context
     */
    private function receive(ServerRequestFactoryInterface&StreamFactoryInterface&UploadedFileFactoryInterface $factory, array $context, string $body = ''): ServerRequestInterface
    {
        $this->server->httpRequest($context, $body);
        $worker = self::worker($factory);
        $request = $worker->waitRequest();
        self::assertNotNull($request);
        self::assertSame(Worker::class, $worker->getWorker()::class);

        return $request;
    }
}
