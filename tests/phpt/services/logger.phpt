--TEST--
RrEmbed\Logger: records with their attributes in the server's log
--FILE--
<?php
use RrEmbed\{Logger, LogLevel};

$log = new Logger();
$log->log(LogLevel::Error, 'plain');
$log->log(LogLevel::Warning, 'below the level of the server');
$log->log(LogLevel::Error, 'with context', ['order' => 7, 'list' => [1, 'a'], 'text' => "x", 'none' => null, 3 => true]);
$log->log(LogLevel::Error, new class { public function __toString(): string { return 'an object'; } });
$log->log(LogLevel::Error, 'odd', ['resource' => fopen('php://memory', 'r'), 'bytes' => "\xff"]);
$log->log(LogLevel::Error, 'throws', ['bad' => new class { public function __toString(): string { throw new Exception('no'); } }, 'good' => 1]);
(new Logger('db'))->log(LogLevel::Error, 'elsewhere', ['a' => 'b']);
echo "done\n";
--EXPECT--
done
--STDERRF--
{"level":"error","ts":%d,"logger":"app","msg":"plain"}
{"level":"error","ts":%d,"logger":"app","msg":"with context","order":"7","list":"[1,\"a\"]","text":"x","none":"null","3":"true"}
{"level":"error","ts":%d,"logger":"app","msg":"an object"}
{"level":"error","ts":%d,"logger":"app","msg":"odd","bytes":"%s"}
{"level":"error","ts":%d,"logger":"app","msg":"throws","good":"1"}
{"level":"error","ts":%d,"logger":"app","msg":"elsewhere","a":"b","channel":"db"}
