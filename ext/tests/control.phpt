--TEST--
RrEmbed\Pool, Services and Tasks
--EXTENSIONS--
rr_embed
--SKIPIF--
<?php if (!RrEmbed\available()) die('skip no server: set RR_RPC'); ?>
--FILE--
<?php
use RrEmbed\{Pool, Services, ServiceSpec, Tasks};

function fails(callable $call): void
{
    try {
        $call();
        echo "nothing\n";
    } catch (Throwable $e) {
        echo $e::class, ': ', $e instanceof RrEmbed\Exception\ServiceException ? $e->serverMessage : $e->getMessage(), "\n";
    }
}

$workers = Pool::workers();
var_dump(count($workers), $workers[0]['pid'] > 0, Pool::workers('nothing'));
Pool::add('http');
var_dump(count(Pool::workers('http')));
Pool::remove('http');
fails(fn () => Pool::add('nothing'));
fails(fn () => Pool::reset('nothing'));

$services = new Services();
var_dump(is_array($services->list()));
fails(fn () => $services->status('ghost'));
fails(fn () => new ServiceSpec('a', 'b', 0));
fails(fn () => new ServiceSpec('a', 'b', stopTimeout: -1));
fails(fn () => (new ServiceSpec('a', 'b'))->__construct('c', 'd'));
$spec = new ServiceSpec('a', 'b', restart: true);
var_dump($spec->name, $spec->processes, $spec->restart, $spec->restartDelay, $spec->env);

var_dump(Tasks::available());
fails(fn () => Tasks::dispatch('x'));
fails(fn () => Tasks::all(['x']));
--EXPECTF--
int(1)
bool(true)
array(0) {
}
int(2)
RrEmbed\Exception\ServiceException: %Splugin nothing does not support workers management
RrEmbed\Exception\ServiceException: %Aresetter_plugin_reset_by_name: no such plugin: nothing
bool(true)
RrEmbed\Exception\ServiceException: the service with ghost name doesn't exist
ValueError: RrEmbed\ServiceSpec::__construct(): Argument #3 ($processes) must be greater than 0
ValueError: RrEmbed\ServiceSpec::__construct(): Argument #9 ($stopTimeout) must be between 0 and 2147483647
Error: Cannot modify readonly property RrEmbed\ServiceSpec::$name
string(1) "a"
int(1)
bool(true)
float(30)
array(0) {
}
bool(false)
RrEmbed\Exception\UnsupportedException: RrEmbed\Tasks needs a pool of task workers, and this server has none
RrEmbed\Exception\UnsupportedException: RrEmbed\Tasks needs a pool of task workers, and this server has none
