<?php

declare(strict_types=1);

namespace RrEmbed\Tests\Sdk;

use RrEmbed\Codec;
use RrEmbed\Kv;
use RrEmbed\Lock;
use RrEmbed\LockHandle;
use RrEmbed\Logger;
use RrEmbed\LogLevel;
use RrEmbed\Metrics;
use RrEmbed\Pool;
use RrEmbed\Rpc;
use RrEmbed\Services;
use RrEmbed\ServiceSpec;
use RrEmbed\Tasks;

/**
 * What the classes below RrEmbed\ do with a server, whoever brings them: the library, the extension, the server itself. Needs no
 * PHPUnit: it runs in worker scripts, too.
 *
 * The server has a storage `mem` (memory), the sections metrics and service, and no section jobs.
 */
final class Operations
{
    private readonly Kv $kv;
    private readonly Lock $lock;

    /**
     * @param string $prefix of every name, so that several runs share a server
     */
    public function __construct(private readonly string $prefix)
    {
        $this->kv = new Kv('mem');
        $this->lock = new Lock();
    }

    /**
     * @return list<string> what differs from what is expected
     */
    public function failures(): array
    {
        $failures = [];
        foreach ($this->all() as $name => [$expected, $operation]) {
            try {
                $seen = $operation();
            } catch (\Throwable $error) {
                $seen = [$error::class, str_replace($this->prefix, '', $error->getMessage())];
            }
            if ($seen !== $expected) {
                $failures[] = "{$name}: ".var_export($seen, true).' instead of '.var_export($expected, true);
            }
        }

        return $failures;
    }

    /**
     * @return iterable<string, array{mixed, callable(): mixed}> what comes out, or class and text of what is thrown; what to do
     */
    private function all(): iterable
    {
        yield from $this->rpc();
        yield from $this->keysAndValues();
        yield from $this->oneStep();
        yield from $this->locks();
        yield from $this->metrics();
        yield from $this->others();
    }

    /**
     * @return iterable<string, array{mixed, callable(): mixed}>
     */
    private function rpc(): iterable
    {
        $rpc = new Rpc();
        $service = 'RrEmbed\Exception\ServiceException';
        yield 'a call in JSON' => [true, static fn () => \is_string($rpc->call('rpc.Version', true))];
        yield 'a call in bytes' => [true, static fn () => \is_array(json_decode($rpc->begin('rpc.Config', '')->result(), true))];
        yield 'bytes must be text' => [
            [\TypeError::class, 'RrEmbed\Rpc::call(): Argument #2 ($payload) must be of type string, array given'],
            static fn () => $rpc->call('rpc.Config', [], Codec::Raw),
        ];
        yield 'an unknown method' => [[$service, "rpc.Nope: rpc: can't find method rpc.Nope"], static fn () => $rpc->call('rpc.Nope', true)];
        yield 'an unknown service' => [[$service, "nope.Call: rpc: can't find service nope.Call"], static fn () => $rpc->call('nope.Call', true)];
        yield 'the parts of an error' => [['no.Such', "rpc: can't find service no.Such"], static function () use ($rpc): array {
            try {
                $rpc->call('no.Such', null);
            } catch (\RrEmbed\Exception\ServiceException $error) {
                return [$error->method, $error->serverMessage];
            }

            return [];
        }];
        yield 'a section of the configuration' => [['driver' => 'memory'], static fn () => array_intersect_key((array) ($rpc->config('kv')['mem'] ?? null), ['driver' => true])];
        yield 'the whole configuration' => [true, static fn () => isset($rpc->config()['kv'])];
        yield 'a section that is not there' => [[], static fn () => $rpc->config('ghost')];
        yield 'overlapping calls' => [[true, true, true], static function () use ($rpc): array {
            $a = $rpc->begin('rpc.Version', 'true', Codec::Json);
            $b = $rpc->begin('informer.List', 'true', Codec::Json);

            return [str_starts_with($b->result(), '['), str_starts_with($a->result(), '"'), $a->ready()];
        }];
        yield 'a cancelled call' => [['RrEmbed\Exception\InvalidStateException'], static function () use ($rpc): array {
            $call = $rpc->begin('rpc.Version', 'true', Codec::Json);
            $call->cancel();
            try {
                $call->result();
            } catch (\LogicException $error) {
                return [$error::class];
            }

            return [];
        }];
        yield 'a call without a reply' => [null, static fn () => $rpc->send('rpc.Version', 'true', Codec::Json)];
        yield 'no time' => [\ValueError::class, static function (): string {
            try {
                new Rpc(null, 0.0);
            } catch (\ValueError $error) {
                return $error::class;
            }

            return '';
        }];
    }

    /**
     * @return iterable<string, array{mixed, callable(): mixed}>
     */
    private function keysAndValues(): iterable
    {
        $kv = $this->kv;
        $p = $this->prefix;
        $ghost = new Kv('ghost');
        yield 'kv: no such key' => [null, static fn () => $kv->get("{$p}a")];
        yield 'kv: set and get' => ["x\0\xff", static function () use ($kv, $p): ?string {
            $kv->set("{$p}a", "x\0\xff");

            return $kv->get("{$p}a");
        }];
        yield 'kv: an empty value' => ['', static function () use ($kv, $p): ?string {
            $kv->set("{$p}empty", '');

            return $kv->get("{$p}empty");
        }];
        yield 'kv: many' => [['1' => 'one', 'two' => '2'], static function () use ($kv): array {
            $kv->setMany([1 => 'one', 'two' => '2']);
            $found = $kv->getMany(['1', 'two', 'three']);
            ksort($found);

            return $found;
        }];
        yield 'kv: none' => [[[], []], static function () use ($kv): array {
            $kv->setMany([]);
            $kv->delete();
            $kv->touch(1.0);

            return [$kv->getMany([]), $kv->hasMany([])];
        }];
        yield 'kv: has' => [[true, false], static fn () => [$kv->has("{$p}a"), $kv->has("{$p}b")]];
        yield 'kv: has many' => [[true, false], static fn () => array_values($kv->hasMany(["{$p}a", "{$p}b"]))];
        yield 'kv: no end' => [[null, null], static fn () => [$kv->ttl("{$p}a"), $kv->ttl("{$p}b")]];
        yield 'kv: an end' => [true, static function () use ($kv, $p): bool {
            $kv->set("{$p}ends", 'x', 100);

            return abs($kv->ttl("{$p}ends") - 95) <= 6;
        }];
        yield 'kv: an end of many, then another' => [[true, true, 'x'], static function () use ($kv, $p): array {
            $kv->setMany(["{$p}m1" => 'x', "{$p}m2" => 'y'], 100.5);
            $first = abs($kv->ttl("{$p}m2") - 95) <= 6;
            $kv->touch(500, "{$p}m1", "{$p}m2");

            return [$first, abs($kv->ttl("{$p}m1") - 495) <= 6, $kv->get("{$p}m1")];
        }];
        yield 'kv: a short life ends' => [null, static function () use ($kv, $p): ?string {
            $kv->set("{$p}short", 'x', 0.05);
            $deadline = microtime(true) + 5;
            while (null !== $kv->get("{$p}short") && microtime(true) < $deadline) {
                usleep(10000);
            }

            return $kv->get("{$p}short");
        }];
        yield 'kv: no life at all' => [\ValueError::class, static fn () => self::thrown(static fn () => $kv->set("{$p}a", 'x', 0.0))];
        yield 'kv: delete' => [[null, null], static function () use ($kv, $p): array {
            $kv->delete("{$p}a", "{$p}empty", "{$p}never");

            return [$kv->get("{$p}a"), $kv->get("{$p}empty")];
        }];
        yield 'kv: no such storage' => [['RrEmbed\Exception\ServiceException', 'kv.MGet: rpc_mget: no such storage: ghost'], static fn () => $ghost->get('a')];
        yield 'kv: no such storage to write to' => [['RrEmbed\Exception\ServiceException', 'kv.Set: rpc_set: no such storage: ghost'], static fn () => $ghost->set('a', 'b')];
        yield 'kv: a blank key' => [
            ['RrEmbed\Exception\ServiceException', "kv.MGet: rpc_mget: key can't be empty string:\n\tin_memory_plugin_mget"],
            static fn () => $kv->get(' '),
        ];
    }

    /**
     * @return iterable<string, array{mixed, callable(): mixed}>
     */
    private function oneStep(): iterable
    {
        $kv = $this->kv;
        $p = $this->prefix;
        yield 'kv: add' => [[true, false, 'x'], static fn () => [$kv->add("{$p}add", 'x'), $kv->add("{$p}add", 'y'), $kv->get("{$p}add")]];
        yield 'kv: add with an end' => [[true, true], static fn () => [$kv->add("{$p}add2", 'x', 100), abs($kv->ttl("{$p}add2") - 95) <= 6]];
        yield 'kv: increment' => [[1, 6, 4, '4'], static fn () => [$kv->increment("{$p}n"), $kv->increment("{$p}n", 5), $kv->increment("{$p}n", -2), $kv->get("{$p}n")]];
        yield 'kv: increment keeps an end' => [[3, 4, true], static fn () => [$kv->increment("{$p}n2", 3, 100), $kv->increment("{$p}n2", 1, 500), abs($kv->ttl("{$p}n2") - 95) <= 6]];
        yield 'kv: increment of text' => [['RrEmbed\Exception\ServiceException', 'x', 'RrEmbed\Exception\ServiceException', (string) \PHP_INT_MAX], static function () use ($kv, $p): array {
            $kv->set("{$p}max", (string) \PHP_INT_MAX);

            return [self::thrown(static fn () => $kv->increment("{$p}add")), $kv->get("{$p}add"), self::thrown(static fn () => $kv->increment("{$p}max")), $kv->get("{$p}max")];
        }];
        yield 'kv: compare and set' => [[true, false, 'b', false, true, 'c'], static fn () => [
            $kv->compareAndSet("{$p}cas", null, 'a') && $kv->compareAndSet("{$p}cas", 'a', 'b'),
            $kv->compareAndSet("{$p}cas", 'a', 'z'),
            $kv->get("{$p}cas"),
            $kv->compareAndSet("{$p}cas", null, 'z'),
            $kv->compareAndSet("{$p}cas", 'b', 'c', 100) && abs($kv->ttl("{$p}cas") - 95) <= 6,
            $kv->get("{$p}cas"),
        ]];
        yield 'kv: compare with what is not there' => [[false, null], static fn () => [$kv->compareAndSet("{$p}cas2", 'a', 'b'), $kv->get("{$p}cas2")]];
    }

    /**
     * @return iterable<string, array{mixed, callable(): mixed}>
     */
    private function locks(): iterable
    {
        $lock = $this->lock;
        $p = $this->prefix;
        yield 'lock: exclusive' => [["{$p}r", true, null, true, false], static function () use ($lock, $p): array {
            $handle = $lock->acquire("{$p}r", 60);

            return [$handle?->resource, 32 === \strlen((string) $handle?->owner) || '' !== $handle?->owner, $lock->acquire("{$p}r"), (bool) $handle?->release(), $lock->exists("{$p}r")];
        }];
        yield 'lock: an owner of a name' => [['me', true, false, false], static function () use ($lock, $p): array {
            $handle = $lock->acquire("{$p}own", 60, owner: 'me');

            return [$handle?->owner, $lock->exists("{$p}own", 'me'), $lock->exists("{$p}own", 'you'), null !== $lock->acquire("{$p}own", 60, owner: 'me')];
        }];
        yield 'lock: the destructor releases' => [false, static fn () => $lock->exists("{$p}own")];
        yield 'lock: shared' => [[true, false, true], static function () use ($lock, $p): array {
            $one = $lock->acquire("{$p}s", shared: true);
            $two = $lock->acquire("{$p}s", shared: true);
            $both = null !== $one && null !== $two;
            $writer = null !== $lock->acquire("{$p}s");
            $one?->release();
            $two?->release();

            return [$both, $writer, $lock->acquire("{$p}s") instanceof LockHandle];
        }];
        yield 'lock: an end, and a wait for it' => [[true, true, false], static function () use ($lock, $p): array {
            $short = $lock->acquire("{$p}w", 0.1);
            $next = $lock->acquire("{$p}w", 60, 10);

            return [null !== $short, null !== $next, (bool) $short?->release()];
        }];
        yield 'lock: a wait in vain' => [[null, true], static function () use ($lock, $p): array {
            $held = $lock->acquire("{$p}v", 60);
            $started = microtime(true);
            $other = $lock->acquire("{$p}v", 60, 0.1);

            return [$other, microtime(true) - $started > 0.09 && $held instanceof LockHandle];
        }];
        yield 'lock: detach, restore, refresh' => [[true, true, true, false], static function () use ($lock, $p): array {
            $owner = (string) $lock->acquire("{$p}d", 60)?->detach();
            $kept = $lock->exists("{$p}d", $owner);
            $handle = $lock->restore("{$p}d", $owner);

            return [$kept, $handle->refresh(30), $handle->release(), $handle->refresh(30)];
        }];
        yield 'lock: by force' => [[true, false, false], static function () use ($lock, $p): array {
            $lock->acquire("{$p}f", 60)?->detach();

            return [$lock->forceRelease("{$p}f"), $lock->exists("{$p}f"), $lock->forceRelease("{$p}never")];
        }];
        yield 'lock: times below 0' => [[\ValueError::class, \ValueError::class], static fn () => [
            self::thrown(static fn () => $lock->acquire("{$p}x", -1.0)),
            self::thrown(static fn () => $lock->acquire("{$p}x", 0, -1.0)),
        ]];
    }

    /**
     * @return iterable<string, array{mixed, callable(): mixed}>
     */
    private function metrics(): iterable
    {
        $p = $this->prefix;
        yield 'metrics: a counter' => [null, static function () use ($p): void {
            $counter = Metrics::counter("{$p}orders", 'Orders', ['country', 'way'], 'shop');
            $counter->inc(labels: ['way' => 'card', 'country' => 'NL']);
            $counter->inc(2, ['country' => 'NL', 'way' => 'card']);
        }];
        yield 'metrics: a gauge' => [null, static function () use ($p): void {
            $gauge = Metrics::gauge("{$p}load");
            $gauge->set(10);
            $gauge->add(2.5);
            $gauge->sub(0.5);
        }];
        yield 'metrics: a histogram' => [null, static fn () => Metrics::histogram("{$p}wait", [0.1, 1, 10])->observe(0.5)];
        yield 'metrics: a summary' => [null, static fn () => Metrics::summary("{$p}size", ['0.5' => 0.05])->observe(7)];
        yield 'metrics: again with the same shape' => [null, static fn () => Metrics::gauge("{$p}load", 'another help')->add(1)];
        yield 'metrics: again with another' => [\ValueError::class, static fn () => self::thrown(static fn () => Metrics::counter("{$p}load"))];
        yield 'metrics: the wrong labels' => [array_fill(0, 4, \ValueError::class), static function () use ($p): array {
            $counter = Metrics::counter("{$p}orders", 'Orders', ['country', 'way'], 'shop');

            return array_map(static fn (array $labels): string => self::thrown(static fn () => $counter->inc(1, $labels)), [
                [], ['country' => 'NL'], ['country' => 'NL', 'way' => 'x', 'more' => 'y'], ['country' => 'NL', 'Way' => 'x'],
            ]);
        }];
        yield 'metrics: a counter only grows' => [\ValueError::class, static fn () => self::thrown(static fn () => Metrics::counter("{$p}up")->inc(-1))];
        yield 'metrics: limits that do not rise' => [\ValueError::class, static fn () => self::thrown(static fn () => Metrics::histogram("{$p}h", [1, 1]))];
        yield 'metrics: all on its way' => [null, static fn () => Metrics::flush()];
    }

    /**
     * @return iterable<string, array{mixed, callable(): mixed}>
     */
    private function others(): iterable
    {
        $p = $this->prefix;
        yield 'log' => [null, static function () use ($p): void {
            $logger = new Logger();
            $logger->log(LogLevel::Warning, "{$p} warned", ['order' => 7, 'list' => [1], 'text' => 'x']);
            $logger->log(LogLevel::Info, "{$p} informed");
        }];
        yield 'pool: no workers of a plugin that is not there' => [[], static fn () => Pool::workers('ghost')];
        yield 'pool: no such plugin' => ['RrEmbed\Exception\ServiceException', static fn () => self::thrown(static fn () => Pool::reset('ghost'))];
        yield 'pool: none to add to' => [
            ['RrEmbed\Exception\ServiceException', 'informer.AddWorker: plugin ghost does not support workers management'],
            static fn () => Pool::add('ghost'),
        ];
        yield 'services' => [[true, 2, true, true, false], static function () use ($p): array {
            $services = new Services();
            $services->create(new ServiceSpec("{$p}sleep", 'sleep 600', 2));
            $listed = \in_array("{$p}sleep", $services->list(), true);
            $before = array_column($services->status("{$p}sleep"), 'pid');
            $services->restart("{$p}sleep");
            $after = array_column($services->status("{$p}sleep"), 'pid');
            $services->terminate("{$p}sleep");

            return [$listed, \count($before), [] !== $before && min($before) > 0, [] === array_intersect($before, $after), \in_array("{$p}sleep", $services->list(), true)];
        }];
        yield 'services: no such service' => [
            ['RrEmbed\Exception\ServiceException', "service.Restart: the service with ghost name doesn't exist"],
            static fn () => (new Services())->restart('ghost'),
        ];
        yield 'tasks: there are none' => [[false, 'RrEmbed\Exception\UnsupportedException', 'RrEmbed\Exception\UnsupportedException'], static fn () => [
            Tasks::available(), self::thrown(static fn () => Tasks::dispatch('x')), self::thrown(static fn () => Tasks::all(['x'])),
        ]];
    }

    /**
     * @param callable(): mixed $operation
     *
     * @return string the class of what it throws
     */
    private static function thrown(callable $operation): string
    {
        try {
            $operation();
        } catch (\Throwable $error) {
            return $error::class;
        }

        return '';
    }
}
