<?php

declare(strict_types=1);

namespace RrEmbed\Tests\Http;

use PHPUnit\Framework\Attributes\DataProvider;
use PHPUnit\Framework\Attributes\TestWith;
use PHPUnit\Framework\TestCase;
use RrEmbed\Exception\ClientDisconnectedException;
use RrEmbed\Exception\InvalidStateException;
use RrEmbed\Exception\TimeoutException;
use RrEmbed\Goridge\Frame;
use RrEmbed\Http\BodyWriter;
use RrEmbed\Http\Request;
use RrEmbed\Http\UploadedFile;
use RrEmbed\Http\Worker;
use RrEmbed\Internal\WorkerChannel;
use RrEmbed\Tests\FakeServer;

final class WorkerTest extends TestCase
{
    private FakeServer $server;
    private Worker $worker;

    protected function setUp(): void
    {
        $this->server = new FakeServer();
        $this->worker = new Worker();
    }

    protected function tearDown(): void
    {
        $this->server->close();
        WorkerChannel::install(null);
    }

    public function testARequestHasWhatTheContextSays(): void
    {
        $request = $this->accept([
            'method' => 'POST', 'uri' => 'https://user@example.org:8443/a%20b/?x[]=1&x[]=2&a.b=3', 'rawQuery' => 'x[]=1&x[]=2&a.b=3',
            'protocol' => 'HTTP/2.0', 'headers' => ['Accept' => ['text/html', '*/*'], 'X-Odd' => ['1']], 'cookies' => ['c' => 'v w'], 'attributes' => ['k' => 'v'],
        ], 'raw body');

        self::assertSame('POST', $request->method);
        self::assertSame('https://user@example.org:8443/a%20b/?x[]=1&x[]=2&a.b=3', $request->uri);
        self::assertSame('/a%20b/', $request->path);
        self::assertSame('x[]=1&x[]=2&a.b=3', $request->query);
        self::assertSame('HTTP/2.0', $request->protocol);
        self::assertSame('https', $request->scheme);
        self::assertSame('example.org:8443', $request->host);
        self::assertSame('192.0.2.7', $request->remoteAddr);
        self::assertSame(0, $request->remotePort);
        self::assertEqualsWithDelta(microtime(true), $request->receivedAt, 5.0);
        self::assertSame(['Host' => ['example.org:8443'], 'Accept' => ['text/html', '*/*'], 'X-Odd' => ['1']], $request->headers);
        self::assertSame(['c' => 'v w'], $request->cookies);
        self::assertSame(['x' => ['1', '2'], 'a_b' => '3'], $request->queryParams);
        self::assertSame([], $request->parsedBody);
        self::assertSame([], $request->files);
        self::assertSame(['k' => 'v'], $request->attributes);
        self::assertSame('text/html, */*', $request->header('aCCept'));
        self::assertSame('example.org:8443', $request->header('host'));
        self::assertNull($request->header('Cookie'));
        self::assertSame('raw body', $request->body());
        self::assertSame('raw body', stream_get_contents($request->bodyStream()));
        self::assertSame(32, \strlen($request->id));
        self::assertSame($request->id, $request->id);
        self::assertTrue((static fn (mixed $any): bool => isset($any->path, $any->id))($this->accept()));
    }

    #[TestWith(['http:///path', '', '/path', 'http'])]
    #[TestWith(['//example.org:443', 'example.org:443', '/', 'http'])]
    #[TestWith(['http://[::1]:8080/', '[::1]:8080', '/', 'http'])]
    #[TestWith(['http://h?q=a/b', 'h', '/', 'http'])]
    #[TestWith(['/only/path?q=://', '', '/only/path', 'http'])]
    public function testUrisOfAllFormsAreSplit(string $uri, string $host, string $path, string $scheme): void
    {
        $request = $this->accept(['uri' => $uri]);

        self::assertSame([$host, $path, $scheme], [$request->host, $request->path, $request->scheme]);
    }

    public function testARequestCannotBeChanged(): void
    {
        $request = $this->accept();
        self::assertSame('/path', $request->path);
        $this->expectException(\Error::class);
        $this->expectExceptionMessage('Cannot modify readonly property');
        $request->path = '/other'; // @phpstan-ignore property.readOnlyAssignOutOfClass
    }

    public function testServerHasTheCgiKeysOverTheProcessEnvironment(): void
    {
        $request = $this->accept([
            'uri' => 'https://example.org:8443/p?a=1', 'rawQuery' => 'a=1', 'headers' => [
                'X-Forwarded-For' => ['a', 'b'], 'Content-Type' => ['text/plain'], 'Content-Length' => ['0'], 'Proxy' => ['evil'],
                'Authorization' => ['Basic '.base64_encode('me:se:cret')],
            ],
        ]);
        $server = $request->server(['EXTRA' => 1, 'QUERY_STRING' => 'mine']);

        foreach ([
            'REQUEST_METHOD' => 'GET', 'REQUEST_URI' => '/p?a=1', 'QUERY_STRING' => 'mine', 'SERVER_PROTOCOL' => 'HTTP/1.1', 'SERVER_NAME' => 'example.org',
            'SERVER_PORT' => '8443', 'HTTPS' => 'on', 'REQUEST_SCHEME' => 'https', 'REMOTE_ADDR' => '192.0.2.7', 'HTTP_HOST' => 'example.org:8443',
            'HTTP_X_FORWARDED_FOR' => 'a, b', 'CONTENT_TYPE' => 'text/plain', 'CONTENT_LENGTH' => '0', 'PHP_AUTH_USER' => 'me', 'PHP_AUTH_PW' => 'se:cret',
            'EXTRA' => 1, 'argv' => $_SERVER['argv'],
        ] as $key => $value) {
            self::assertSame($value, $server[$key] ?? null, $key);
        }
        self::assertArrayNotHasKey('HTTP_PROXY', $server);
    }

    public function testTheAddressOfAProxyHeaderWins(): void
    {
        self::assertSame('203.0.113.9', $this->accept(['attributes' => ['ipAddress' => '203.0.113.9']])->remoteAddr);
    }

    public function testAFormIsATreeAndFilesAreLeavesOfTheirOwn(): void
    {
        $leaf = static fn (string $name, int $error = 0): array => ['name' => $name, 'mime' => 'text/plain', 'size' => 3, 'error' => $error, 'tmpName' => 0 === $error ? '/tmp/'.$name : ''];
        $request = $this->accept([
            'method' => 'POST', 'parsed' => true, 'headers' => ['Content-Type' => ['multipart/form-data; boundary=x']],
            'uploads' => ['one' => $leaf('a'), 'list' => [$leaf('b'), $leaf('c', 8)], 'deep' => ['name' => ['tmpName' => $leaf('d')]]],
        ], '{"a":{"b":["1"]},"empty":""}');

        self::assertSame(['a' => ['b' => ['1']], 'empty' => ''], $request->parsedBody);
        self::assertEquals([
            'one' => new UploadedFile('a', 'text/plain', '/tmp/a', 3, 0),
            'list' => [new UploadedFile('b', 'text/plain', '/tmp/b', 3, 0), new UploadedFile('c', 'text/plain', '', 3, 8)],
            'deep' => ['name' => ['tmpName' => new UploadedFile('d', 'text/plain', '/tmp/d', 3, 0)]],
        ], $request->files);
        self::assertSame('', $request->body());
    }

    public function testAnUploadIsMovedOnce(): void
    {
        $source = (string) tempnam(sys_get_temp_dir(), 'upload');
        file_put_contents($source, 'abc');
        $file = new UploadedFile('a.txt', 'text/plain', $source, 3, \UPLOAD_ERR_OK);
        try {
            $file->moveTo('/nonexistent/folder/a.txt');
            self::fail('moved to nowhere');
        } catch (\ValueError $error) {
            self::assertStringContainsString('/nonexistent/folder/a.txt', $error->getMessage());
        }
        $file->moveTo($source.'.moved');
        self::assertSame('abc', file_get_contents($source.'.moved'));
        unlink($source.'.moved');

        $this->expectException(InvalidStateException::class);
        $file->moveTo($source.'.again');
    }

    public function testAnUploadThatWasNotStoredCannotBeMoved(): void
    {
        $this->expectException(InvalidStateException::class);
        $this->expectExceptionMessage('error 8');
        (new UploadedFile('a.exe', '', '', 0, \UPLOAD_ERR_EXTENSION))->moveTo('/tmp/x');
    }

    public function testAnAnswerIsOneFrameInTheCodecOfTheRequest(): void
    {
        $this->accept()->respond(201, ['Content-Type' => 'text/plain', 'X-Many' => ['1', '2'], 'X-Number' => '5'], 'body');

        self::assertSame('{"status":201,"headers":{"Content-Type":["text/plain"],"X-Many":["1","2"],"X-Number":["5"]}}body', $this->server->frame()->payload);
    }

    public function testNoHeadersAndHeadersNamedLikeNumbersAreObjects(): void
    {
        $this->accept()->respond(204);
        self::assertSame('{"status":204,"headers":{}}', $this->server->frame()->payload);
        $this->accept()->respond(200, ['x']); // @phpstan-ignore argument.type
        self::assertSame('{"status":200,"headers":{"0":["x"]}}', $this->server->frame()->payload);
    }

    public function testHeaderBytesThatJsonCannotCarryGoInProtobuf(): void
    {
        $this->accept()->respond(200, ['X' => "\xE9"]);
        $frame = $this->server->frame();

        self::assertSame(Frame::PROTO, $frame->flags);
        self::assertSame("\x08\xc8\x01\x12\x08\x0a\x01X\x12\x03\x0a\x01\xE9", $frame->payload);
    }

    // The vector of spec 02 §2.1.
    public function testAProtobufRequestIsReadAndAnsweredInProtobuf(): void
    {
        $field = static fn (int $number, string $value): string => \chr($number << 3 | 2).\chr(\strlen($value)).$value;
        $entry = static fn (int $number, string $key, string ...$values): string => $field($number, $field(1, $key).$field(2, implode('', array_map(static fn (string $v): string => $field(1, $v), $values))));
        $context = $field(1, '192.0.2.7').$field(2, 'HTTP/1.1').$field(3, 'POST').$field(4, 'http://h/p?q=1').$entry(5, 'Accept', 'a', 'b').$entry(5, '7', '')
            .$entry(6, 'c', 'v').$field(7, 'q=1')."\x40\x01".$field(9, '{"f":{"name":"n","mime":"m","size":1,"error":0,"tmpName":"/t"}}').$entry(10, 'k', 'v', 'w')
            .$field(15, 'unknown')."\x7d1234\x79".'12345678'."\x78\xff\xff\x03";
        $this->server->request('{"a":"1"}', $context, Frame::PROTO);
        $request = $this->worker->accept();
        self::assertNotNull($request);

        self::assertSame(['192.0.2.7', 'HTTP/1.1', 'POST', 'http://h/p?q=1', 'q=1'], [$request->remoteAddr, $request->protocol, $request->method, $request->uri, $request->query]);
        self::assertSame(['Host' => ['h'], 'Accept' => ['a', 'b'], 7 => ['']], $request->headers);
        self::assertSame(['c' => 'v'], $request->cookies);
        self::assertSame(['k' => 'v'], $request->attributes);
        self::assertSame(['a' => '1'], $request->parsedBody);
        self::assertEquals(['f' => new UploadedFile('n', 'm', '/t', 1, 0)], $request->files);

        $request->respond(200, ['X' => '1'], 'ok');
        self::assertEquals(new Frame("\x08\xc8\x01\x12\x08\x0a\x01X\x12\x03\x0a\x011ok", [13], Frame::PROTO), $this->server->frame());
    }

    public function testACodecThatTheFlagsDoNotNameIsTakenFromTheContext(): void
    {
        $this->server->request('', '{"uri":"http://h/json"}');
        self::assertSame('/json', $this->worker->accept()?->path);
        $this->server->request('', "\x22\x09http://h/");
        self::assertSame('h', $this->worker->accept()?->host);
    }

    #[TestWith(['{"uri":', Frame::JSON, 'malformed request context: Syntax error'])]
    #[TestWith(["\x0a\x05abc", Frame::PROTO, 'malformed protobuf: cut off'])]
    #[TestWith(["\x0a", Frame::PROTO, 'malformed protobuf: cut off'])]
    #[TestWith(["\x0a\xff", Frame::PROTO, 'malformed protobuf: cut off'])]
    #[TestWith(["\x0a\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01", Frame::PROTO, 'malformed protobuf: a number without end'])]
    #[TestWith(["\x0b", Frame::PROTO, 'malformed protobuf: wire type 3'])]
    #[TestWith(["\x0d\x01", Frame::PROTO, 'malformed protobuf: cut off'])]
    public function testAMalformedContextIsAnErrorOfThatRequestAlone(string $context, int $flags, string $message): void
    {
        $this->server->request('', $context, $flags);
        $this->server->httpRequest();
        self::assertNotNull($this->worker->accept());
        $frame = $this->server->frame();

        self::assertSame([Frame::ERROR, $message], [$frame->flags, $frame->payload]);
    }

    public function testASecondAnswerIsRefused(): void
    {
        $request = $this->accept();
        self::assertFalse($request->responded());
        $request->respond(200);
        $this->server->frame();
        self::assertTrue($request->responded());
        foreach ([
            static fn () => $request->respond(200),
            static fn () => $request->open(200),
            static fn () => $request->sendFile(__FILE__),
        ] as $call) {
            try {
                $call();
                self::fail('a second answer was accepted');
            } catch (InvalidStateException) {
                $this->server->assertSilent();
            }
        }
    }

    /**
     * @param array<string, string|list<string>> $headers
     */
    #[TestWith([['X' => "a\r\nSet-Cookie: x"]])]
    #[TestWith([['X' => ['fine', "a\n"]]])]
    #[TestWith([['X' => "\0"]])]
    #[TestWith([["X\r\nY" => 'a']])]
    #[TestWith([['' => 'a']])]
    #[TestWith([['X' => [['nested']]]])]
    public function testHeadersThatWouldStartAnotherAreRefusedAndNothingIsSent(array $headers): void
    {
        $request = $this->accept();
        foreach ([
            static fn () => $request->respond(200, $headers),
            static fn () => $request->open(200, $headers),
            static fn () => $request->informational(103, $headers),
        ] as $call) {
            try {
                $call();
                self::fail('the header went through');
            } catch (\ValueError) {
                $this->server->assertSilent();
            }
        }
        self::assertFalse($request->responded());
        $request->respond(200);
        self::assertSame(200, $this->server->answer()['status']);
    }

    #[TestWith([199])]
    #[TestWith([600])]
    #[TestWith([0])]
    public function testAStatusThatIsNoneIsRefused(int $status): void
    {
        $this->expectException(\ValueError::class);
        $this->accept()->respond($status);
    }

    public function testAStreamSendsTheHeadOnceWithTheFirstPiece(): void
    {
        $body = $this->accept()->open(200, ['X' => '1']);
        $this->server->assertSilent();
        self::assertTrue($body->write('one'));
        self::assertTrue($body->write(''));
        self::assertTrue($body->write('two'));
        $body->end('three');

        self::assertSame(['status' => 200, 'headers' => ['X' => ['1']], 'body' => 'one', 'stream' => Frame::STREAM, 'flags' => Frame::JSON], $this->server->answer());
        self::assertSame(['status' => null, 'headers' => [], 'body' => 'two', 'stream' => Frame::STREAM, 'flags' => Frame::JSON], $this->server->answer());
        self::assertSame(['status' => null, 'headers' => [], 'body' => 'three', 'stream' => 0, 'flags' => Frame::JSON], $this->server->answer());
        $this->expectException(InvalidStateException::class);
        $body->write('four');
    }

    public function testFlushSendsTheHeadOnItsOwn(): void
    {
        $body = $this->accept()->open(200);
        $body->flush();
        $body->flush();
        self::assertSame([200, '', Frame::STREAM], array_values(array_intersect_key($this->server->answer(), ['status' => 1, 'body' => 1, 'stream' => 1])));
        $this->server->assertSilent();
    }

    public function testABodyThatEndsWithItsFirstPieceIsOneFrame(): void
    {
        $this->accept()->open(200)->end('all');
        $answer = $this->server->answer();

        self::assertSame([200, 'all', 0], [$answer['status'], $answer['body'], $answer['stream']]);
        $this->server->assertSilent();
    }

    public function testTheDestructorEndsTheBody(): void
    {
        $body = $this->accept()->open(200);
        $body->write('half');
        unset($body);

        self::assertSame('half', $this->server->answer()['body']);
        self::assertSame(0, $this->server->answer()['stream']);
    }

    public function testTrailersSetBeforeTheHeadGoWithItAndLaterOnesWithTheEnd(): void
    {
        $body = $this->accept()->open(200, ['X' => '1']);
        $body->trailers(['X-Sum' => 'abc']);
        $body->end('all');
        $answer = $this->server->answer();
        self::assertSame(['X' => ['1'], 'Trailer' => ['X-Sum'], 'X-Sum' => ['abc']], $answer['headers']);
        self::assertSame([Frame::STREAM, 'all'], [$answer['stream'], $answer['body']]);
        self::assertSame([0, ''], [$this->server->frame()->stream, '']);

        $body = $this->accept()->open(200);
        $body->write('one');
        $this->server->frame();
        $body->trailers(['A' => '1', 'B' => ['2']]);
        $body->end();
        self::assertSame(['status' => 200, 'headers' => ['Trailer' => ['A', 'B'], 'A' => ['1'], 'B' => ['2']], 'body' => '', 'stream' => 0, 'flags' => Frame::JSON], $this->server->answer());
    }

    // spec:01#32
    public function testAClientThatLeftEndsTheBodyWithAnEmptyFrame(): void
    {
        $body = $this->accept()->open(200);
        self::assertTrue($body->write('one'));
        $this->server->frame();
        $this->server->cancelStream();
        self::assertFalse($body->write('two'));
        self::assertFalse($body->write('three'));
        $body->end('four');

        self::assertSame(['status' => null, 'headers' => [], 'body' => '', 'stream' => 0, 'flags' => Frame::JSON], $this->server->answer());
        self::assertSame('/path', $this->accept()->path);
    }

    public function testInterimResponsesComeBeforeTheAnswerAndNotAfter(): void
    {
        $request = $this->accept();
        self::assertTrue($request->informational(103, ['Link' => ['</a.css>', '</b.css>']]));
        self::assertSame(['status' => 103, 'headers' => ['Link' => ['</a.css>', '</b.css>']], 'body' => '', 'stream' => Frame::STREAM, 'flags' => Frame::JSON], $this->server->answer());
        self::assertFalse($request->responded());
        $request->respond(200, [], 'ok');
        self::assertSame([0, 'ok'], [($answer = $this->server->answer())['stream'], $answer['body']]);
        self::assertFalse($request->informational(103, []));
        $this->server->assertSilent();
    }

    #[TestWith([101])]
    #[TestWith([200])]
    public function testOtherStatusesAreNoInterimResponse(int $status): void
    {
        $this->expectException(\ValueError::class);
        $this->accept()->informational($status, []);
    }

    public function testAFileIsSentWholeOrInPart(): void
    {
        $path = (string) tempnam(sys_get_temp_dir(), 'file');
        file_put_contents($path, '0123456789');
        $this->accept()->sendFile($path);
        self::assertSame([200, ['Content-Length' => ['10']], '0123456789'], \array_slice(array_values($this->server->answer()), 0, 3));
        $this->accept()->sendFile($path, 206, ['content-length' => '3', 'X' => '1'], 2, 3, true);
        self::assertSame([206, ['content-length' => ['3'], 'X' => ['1']], '234'], \array_slice(array_values($this->server->answer()), 0, 3));
        self::assertFileDoesNotExist($path);
    }

    public function testALargeFileIsSentInPiecesAndNotAtAllToHead(): void
    {
        $path = (string) tempnam(sys_get_temp_dir(), 'file');
        file_put_contents($path, $content = random_bytes(300_000));
        // The socket pair holds less than the file: a reader has to be there.
        $reader = pcntl_fork();
        if (0 === $reader) {
            $this->accept()->sendFile($path);
            posix_kill((int) getmypid(), \SIGKILL);
        }
        $received = '';
        do {
            self::assertTrue($this->server->relay->wait(5.0));
            $answer = $this->server->answer();
            $received .= $answer['body'];
        } while (0 !== $answer['stream']);
        pcntl_waitpid($reader, $status);
        self::assertTrue($content === $received);

        $this->accept(['method' => 'HEAD'])->sendFile($path);
        self::assertSame([200, ['Content-Length' => ['300000']], ''], \array_slice(array_values($this->server->answer()), 0, 3));
        unlink($path);
    }

    #[TestWith(['/nonexistent', 0, null])]
    #[TestWith([__DIR__, 0, null])]
    #[TestWith([__FILE__, 100_000_000, null])]
    #[TestWith([__FILE__, -1, null])]
    #[TestWith([__FILE__, 0, -1])]
    public function testAFileThatCannotBeSentIsAValueErrorAndNothingIsSent(string $path, int $offset, ?int $length): void
    {
        $request = $this->accept();
        try {
            $request->sendFile($path, 200, [], $offset, $length);
            self::fail('sent');
        } catch (\ValueError) {
            self::assertFalse($request->responded());
            $this->server->assertSilent();
        }
    }

    public function testFailIsAnErrorFrameSoThatTheServerLogsAndAnswers(): void
    {
        $request = $this->accept();
        $request->fail(new \RuntimeException('broken'));
        $frame = $this->server->frame();

        self::assertSame(Frame::ERROR, $frame->flags);
        self::assertStringStartsWith('RuntimeException: broken in '.__FILE__, $frame->payload);
        self::assertTrue($request->responded());
    }

    public function testRequestsWithoutAnAnswerGet500WithTheNextAccept(): void
    {
        $this->accept();
        $this->accept();
        self::assertSame('the script asked for the next request and had not answered this one', $this->server->frame()->payload);
    }

    public function testAcceptTimesOut(): void
    {
        $this->expectException(TimeoutException::class);
        $this->worker->accept(0.0);
    }

    public function testReadyIsReadableWhenARequestIsThere(): void
    {
        $readable = function (): int {
            $read = [$this->worker->ready()];
            $none = null;

            return (int) stream_select($read, $none, $none, 0);
        };
        self::assertSame(0, $readable());
        $this->server->httpRequest();
        self::assertSame(1, $readable());
    }

    /**
     * @param list<array{int|null, string}> $frames status and body of each
     */
    #[DataProvider('handlers')]
    public function testRunAnswersWithWhatTheHandlerReturns(callable $handler, array $frames): void
    {
        $this->server->httpRequest();
        self::assertSame(0, $this->worker->run(function (Request $request) use ($handler): mixed { // @phpstan-ignore argument.type
            $this->server->stop();

            return $handler($request);
        }));

        foreach ($frames as $frame) {
            self::assertSame($frame, self::brief($this->server->answer()));
        }
        $this->server->assertSilent();
    }

    /**
     * @return iterable<string, array{callable, list<array{int|null, string}>}>
     */
    public static function handlers(): iterable
    {
        yield 'a body' => [static fn (): string => 'text', [[200, 'text']]];
        yield 'status, headers and body' => [static fn (): array => [201, ['X' => '1'], 'made'], [[201, 'made']]];
        yield 'pieces' => [static fn (): array => ['a', 'b'], [[200, 'a'], [null, 'b'], [null, '']]];
        yield 'a generator' => [static function (): iterable { yield 'c'; }, [[200, 'c'], [null, '']]];
        yield 'status, headers and pieces' => [static fn (): array => [202, [], ['d']], [[202, 'd'], [null, '']]];
        yield 'an answer of its own' => [static function (Request $request): void { $request->respond(203); }, [[203, '']]];
    }

    #[TestWith([null, 'the script asked for the next request and had not answered this one'])]
    #[TestWith(['thrown', 'DomainException: thrown'])]
    public function testRunMakesA500OfNoAnswerAndOfAnException(?string $thrown, string $message): void
    {
        $this->server->httpRequest();
        $this->worker->run(function () use ($thrown): void {
            $this->server->stop();
            if (null !== $thrown) {
                throw new \DomainException($thrown);
            }
        });
        $frame = $this->server->frame();

        self::assertSame(Frame::ERROR, $frame->flags);
        self::assertStringContainsString($message, $frame->payload);
    }

    public function testAGeneratorIsToldThatTheClientLeft(): void
    {
        $told = false;
        $this->server->httpRequest();
        $server = $this->server;
        $this->server->stop();
        // The stop of the stream comes from inside, after the worker has read the request.
        $this->worker->run(static function () use (&$told, $server): iterable {
            return (static function () use (&$told, $server) {
                try {
                    yield 'one';
                    $server->cancelStream();
                    yield 'two';
                    yield 'three';
                } catch (ClientDisconnectedException $error) {
                    $told = true;
                    throw $error;
                }
            })();
        });

        self::assertTrue($told); // @phpstan-ignore staticMethod.impossibleType
        self::assertSame([200, 'one'], self::brief($this->server->answer()));
        self::assertSame([null, ''], self::brief($this->server->answer()));
        $this->server->assertSilent();
    }

    public function testObjectsOfAnExchangeAreNotCloneable(): void
    {
        foreach ([Worker::class, Request::class, BodyWriter::class] as $class) {
            self::assertFalse((new \ReflectionClass($class))->isCloneable(), $class);
        }
    }

    /**
     * @param array<string, mixed> $context
     */
    private function accept(array $context = [], string $body = ''): Request
    {
        $this->server->httpRequest($context, $body);
        $request = $this->worker->accept();
        self::assertNotNull($request);

        return $request;
    }

    /**
     * @param array{status: int|null, body: string, ...} $answer
     *
     * @return array{int|null, string}
     */
    private static function brief(array $answer): array
    {
        return [$answer['status'], $answer['body']];
    }
}
