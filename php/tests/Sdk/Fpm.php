<?php

declare(strict_types=1);

namespace RrEmbed\Tests\Sdk;

use PHPUnit\Framework\Assert;

/**
 * PHP-FPM with one child, and the least of a FastCGI client. It ends with the object.
 */
final class Fpm
{
    private readonly string $folder;

    /** @var resource */
    private readonly mixed $process;

    /**
     * @param array<string, string> $env of the scripts
     */
    public function __construct(array $env)
    {
        $binary = (glob('/usr/sbin/php-fpm*') ?: [])[0] ?? null;
        if (null === $binary) {
            Assert::markTestSkipped('no PHP-FPM on this machine');
        }
        $this->folder = sys_get_temp_dir().'/rr-fpm-'.bin2hex(random_bytes(6));
        mkdir($this->folder);
        $variables = implode('', array_map(static fn (string $name, string $value): string => "env[{$name}] = \"{$value}\"\n", array_keys($env), $env));
        $user = 0 === getmyuid() ? "user = root\ngroup = root\n" : '';
        file_put_contents("{$this->folder}/fpm.conf", "[global]\nerror_log = {$this->folder}/log\n[www]\n{$user}listen = {$this->folder}/fpm.sock\npm = static\npm.max_children = 1\n{$variables}");
        $process = proc_open([$binary, '-R', '-n', '-F', '-y', "{$this->folder}/fpm.conf"], [1 => ['file', '/dev/null', 'w'], 2 => ['file', '/dev/null', 'w']], $pipes);
        Assert::assertNotFalse($process);
        $this->process = $process;
        $deadline = microtime(true) + 20;
        while (!file_exists("{$this->folder}/fpm.sock")) {
            Assert::assertLessThan($deadline, microtime(true), (string) @file_get_contents("{$this->folder}/log"));
            usleep(10000);
        }
    }

    public function __destruct()
    {
        proc_terminate($this->process);
        proc_close($this->process);
        array_map(unlink(...), glob("{$this->folder}/*") ?: []);
        rmdir($this->folder);
    }

    /**
     * Gives a script to the child; its output is for output().
     *
     * @return resource
     */
    public function start(string $code): mixed
    {
        $script = "{$this->folder}/".md5($code).'.php';
        file_put_contents($script, '<?php require '.var_export(\dirname(__DIR__, 2).'/autoload.php', true).";\n{$code}");
        $link = stream_socket_client("unix://{$this->folder}/fpm.sock");
        Assert::assertNotFalse($link);
        stream_set_timeout($link, 20);
        $parameters = '';
        foreach (['SCRIPT_FILENAME' => $script, 'REQUEST_METHOD' => 'GET', 'SERVER_PROTOCOL' => 'HTTP/1.1', 'REQUEST_URI' => '/'] as $name => $value) {
            $parameters .= \chr(\strlen($name)).pack('N', \strlen($value) | 0x80000000).$name.$value;
        }
        fwrite($link, self::record(1, "\0\1\0\0\0\0\0\0").self::record(4, $parameters).self::record(4, '').self::record(5, ''));

        return $link;
    }

    /**
     * @param resource $link
     */
    public function output(mixed $link): string
    {
        $output = '';
        while (8 === \strlen($head = (string) stream_get_contents($link, 8))) {
            /** @var array{type: int, length: int, padding: int} $record */
            $record = unpack('Cversion/Ctype/nid/nlength/Cpadding', $head);
            $content = (string) stream_get_contents($link, $record['length'] + $record['padding']);
            if (3 === $record['type']) {
                break;
            }
            $output .= 6 === $record['type'] ? substr($content, 0, $record['length']) : '';
        }

        // The child waits for this before it takes the next script.
        fclose($link);

        return explode("\r\n\r\n", $output, 2)[1] ?? $output;
    }

    private static function record(int $type, string $content): string
    {
        return pack('CCnnCx', 1, $type, 1, \strlen($content), 0).$content;
    }
}
