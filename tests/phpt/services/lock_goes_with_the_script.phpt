--TEST--
RrEmbed\Lock: a script that dies leaves no lock behind
--REQUESTS--
3
--FILE--
<?php
$lock = new RrEmbed\Lock();
$held = $lock->acquire('mine', ttl: 600);
echo $held === null ? 'somebody else has it' : 'had', "\n";
if (!isset($GLOBALS['argc'])) {
    // Each request is a fresh script: what the one before had is free, however it ended.
}
ini_set('display_errors', '0');
ini_set('log_errors', '0');
nobody_defined_this();
--EXPECT--
had

had

had
