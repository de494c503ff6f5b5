<?php

declare(strict_types=1);

namespace RrEmbed\Tests;

use PHPUnit\Framework\TestCase;

/**
 * The extension and the library have the same names with the same signatures, so that no script needs to know which it has.
 */
final class ParityTest extends TestCase
{
    public function testTheLibraryHasWhatTheStubOfTheExtensionDeclares(): void
    {
        $folder = \dirname(__DIR__, 2).'/ext';
        $stubs = array_filter([...(glob("{$folder}/*.stub.php") ?: []), ...(glob("{$folder}/*/*.stub.php") ?: [])], static fn (string $stub): bool => 'sapi_functions.stub.php' !== basename($stub));
        $extension = self::surface('stub', ...$stubs);
        $names = array_values(array_unique(array_map(static fn (string $name): string => explode('::', $name)[0], array_keys($extension))));

        self::assertNotEmpty($extension);
        self::assertSame($extension, self::surface('library', ...$names));
    }

    /**
     * @return array<string, string>
     */
    private static function surface(string ...$arguments): array
    {
        $process = proc_open([\PHP_BINARY, '-d', 'display_errors=stderr', __DIR__.'/fixtures/surface.php', ...array_values($arguments)], [1 => ['pipe', 'w']], $pipes);
        self::assertNotFalse($process);
        $json = (string) stream_get_contents($pipes[1]);
        self::assertSame(0, proc_close($process), $json);
        /** @var array<string, string> $surface */
        $surface = json_decode($json, true, 512, \JSON_THROW_ON_ERROR);
        ksort($surface);

        return $surface;
    }
}
