--TEST--
The environment says how the worker was started; putenv() stays with its thread
--FILE--
<?php
echo getenv('RR_MODE'), ' ', $_SERVER['RR_MODE'] ?? 'unset', ' ', getenv()['RR_RELAY'], "\n";
putenv('ONLY_HERE=1');
echo getenv('ONLY_HERE'), "\n";
--EXPECTF--
http %s pipes
1
