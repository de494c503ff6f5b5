--TEST--
RrEmbed\Jobs: options, stats, and a server without jobs
--EXTENSIONS--
rr_embed
--SKIPIF--
<?php if (!RrEmbed\available()) die('skip no server: set RR_RPC'); ?>
--FILE--
<?php
use RrEmbed\Jobs\{Consumer, Job, Options, Queue, Stats};

function fails(callable $call): void
{
    try {
        $call();
        echo "nothing\n";
    } catch (Throwable $e) {
        echo $e::class, ': ', $e instanceof RrEmbed\Exception\ServiceException ? "$e->method: $e->serverMessage" : $e->getMessage(), "\n";
    }
}

var_dump(new Options(delay: 1.5, headers: ['a' => 'b']));
var_dump(new Stats('a', 'memory', '', 1, 2, 3, 10, true));
fails(fn () => new Options(delay: -1));
fails(fn () => new Options(id: ''));
fails(fn () => new Options(driver: ['topic' => 1]));
fails(fn () => new Options(driver: ['color' => 'red']));
$queue = new Queue('mail');
fails(fn () => $queue->push('a', 'b'));
fails(fn () => $queue->pushMany([['a', 'b']]));
fails(fn () => $queue->pushMany([['a']]));
fails(fn () => $queue->pause());
fails(fn () => $queue->stats());
fails(fn () => Queue::list());
fails(fn () => Queue::declare('a', 'memory', ['x' => true, 'y' => [1]]));
fails(fn () => Queue::declare('a', 'memory', ['x' => "\xff", 'y' => NAN, 'z' => ["\xff"]]));
fails(fn () => new Job());
fails(fn () => clone $queue);
--EXPECTF--
object(RrEmbed\Jobs\Options)#%d (6) {
  ["priority"]=>
  int(0)
  ["delay"]=>
  float(1.5)
  ["autoAck"]=>
  bool(false)
  ["id"]=>
  NULL
  ["headers"]=>
  array(1) {
    ["a"]=>
    string(1) "b"
  }
  ["driver"]=>
  array(0) {
  }
}
object(RrEmbed\Jobs\Stats)#%d (8) {
  ["pipeline"]=>
  string(1) "a"
  ["driver"]=>
  string(6) "memory"
  ["queue"]=>
  string(0) ""
  ["active"]=>
  int(1)
  ["delayed"]=>
  int(2)
  ["reserved"]=>
  int(3)
  ["priority"]=>
  int(10)
  ["ready"]=>
  bool(true)
}
ValueError: RrEmbed\Jobs\Options::__construct(): Argument #2 ($delay) must be greater than or equal to 0
ValueError: RrEmbed\Jobs\Options::__construct(): Argument #4 ($id) must not be empty
ValueError: RrEmbed\Jobs\Options::__construct(): Argument #6 ($driver) must have topic and metadata as strings, offset and partition as integers; topic is none of them
ValueError: RrEmbed\Jobs\Options::__construct(): Argument #6 ($driver) must have topic and metadata as strings, offset and partition as integers; color is none of them
RrEmbed\Exception\ServiceException: jobs.Push: rpc: can't find service jobs.Push
RrEmbed\Exception\ServiceException: jobs.PushBatch: rpc: can't find service jobs.PushBatch
TypeError: RrEmbed\Jobs\Queue::pushMany(): Argument #1 ($jobs) must hold arrays of a name, a payload and perhaps options
RrEmbed\Exception\ServiceException: jobs.Pause: rpc: can't find service jobs.Pause
RrEmbed\Exception\ServiceException: jobs.Stat: rpc: can't find service jobs.Stat
RrEmbed\Exception\ServiceException: jobs.List: rpc: can't find service jobs.List
RrEmbed\Exception\ServiceException: jobs.Declare: rpc: can't find service jobs.Declare
ValueError: RrEmbed\Jobs\Queue::declare(): Argument #3 ($config) has a z without a form in JSON
Error: Call to private RrEmbed\Jobs\Job::__construct() from global scope
Error: Trying to clone an uncloneable object of class RrEmbed\Jobs\Queue
