--TEST--
RrEmbed\Logger never throws, with a server or without
--EXTENSIONS--
rr_embed
--FILE--
<?php
use RrEmbed\{Logger, LogLevel};

ini_set('error_log', '/dev/null');
$log = new Logger();
$log->log(LogLevel::Debug, 'plain');
$log->log(LogLevel::Debug, 'with context', ['order' => 7, 'list' => [1, 'a'], 'none' => null, 3 => true, "\xff" => "\xff"]);
$log->log(LogLevel::Debug, new class { public function __toString(): string { return 'an object'; } });
$log->log(LogLevel::Debug, 'throws', ['bad' => new class { public function __toString(): string { throw new Exception('no'); } }]);
(new Logger('db'))->log(LogLevel::Debug, '', ['resource' => fopen('php://memory', 'r'), 'nan' => NAN]);
try {
    $log->log(LogLevel::Debug, []);
} catch (TypeError $e) {
    echo $e->getMessage(), "\n";
}
echo "done\n";
--EXPECT--
RrEmbed\Logger::log(): Argument #2 ($message) must be of type Stringable|string, array given
done
