--TEST--
RrEmbed\Lock: exclusive and shared, released with the handle
--EXTENSIONS--
rr_embed
--SKIPIF--
<?php if (!RrEmbed\available()) die('skip no server: set RR_RPC'); ?>
--FILE--
<?php
use RrEmbed\Lock;

$lock = new Lock();
$a = $lock->acquire('r', ttl: 30);
var_dump(strlen($a->owner), $a->resource, $a->fence > 0);
var_dump($lock->acquire('r'), $lock->exists('r'), $lock->exists('r', $a->owner), $lock->exists('r', 'nobody'));
var_dump($a->refresh(60), $a->release(), $a->release(), $a->refresh(1), $lock->exists('r'));

$b = $lock->acquire('r', owner: 'me');
var_dump($b->owner, $b->fence > $a->fence);
unset($b);
var_dump($lock->exists('r'));

(function () use ($lock) {
    $inside = $lock->acquire('r');
})();
var_dump($lock->exists('r'));

$x = $lock->acquire('s', shared: true);
$y = $lock->acquire('s', shared: true);
var_dump($x !== null && $y !== null, $lock->acquire('s'));
unset($x, $y);

$c = $lock->acquire('t', owner: 'job 7', ttl: 30);
var_dump($c->detach());
unset($c);
var_dump($lock->exists('t', 'job 7'));
$again = $lock->restore('t', 'job 7');
var_dump($again->owner, $again->fence);
unset($again);
var_dump($lock->exists('t', 'job 7'), $lock->restore('t', 'job 7')->release(), $lock->exists('t'));

$d = $lock->acquire('f');
var_dump($lock->forceRelease('f'), $d->release(), $lock->forceRelease('never'));

$short = $lock->acquire('w', ttl: 0.05);
$late = $lock->acquire('w', wait: 10);
var_dump($late !== null, $lock->acquire('w', wait: 0.02));

foreach ([fn () => $lock->acquire('r', ttl: -1), fn () => $lock->acquire('r', wait: NAN), fn () => $lock->acquire('r', owner: ''),
    fn () => $late->refresh(-0.5), fn () => $late->fence = 5, fn () => clone $late] as $call) {
    try {
        $call();
    } catch (Throwable $e) {
        echo $e::class, ': ', $e->getMessage(), "\n";
    }
}
--EXPECT--
int(32)
string(1) "r"
bool(true)
NULL
bool(true)
bool(true)
bool(false)
bool(true)
bool(true)
bool(false)
bool(false)
bool(false)
string(2) "me"
bool(true)
bool(false)
bool(false)
bool(true)
NULL
string(5) "job 7"
bool(true)
string(5) "job 7"
int(0)
bool(true)
bool(true)
bool(false)
bool(true)
bool(false)
bool(false)
bool(true)
NULL
ValueError: RrEmbed\Lock::acquire(): Argument #2 ($ttl) must be greater than or equal to 0
ValueError: RrEmbed\Lock::acquire(): Argument #3 ($wait) must be greater than or equal to 0
ValueError: RrEmbed\Lock::acquire(): Argument #4 ($owner) must not be empty
ValueError: RrEmbed\LockHandle::refresh(): Argument #1 ($ttl) must be greater than or equal to 0
Error: Cannot modify readonly property RrEmbed\LockHandle::$fence
Error: Trying to clone an uncloneable object of class RrEmbed\LockHandle
