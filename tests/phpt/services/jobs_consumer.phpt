--TEST--
RrEmbed\Jobs\Consumer: one answer a job, whatever the handler does
--STYLE--
worker
--REQUESTS--
7
--FILE--
<?php
use RrEmbed\Jobs\{Consumer, Job};

// The server has no jobs yet: their loop runs on HTTP requests here, whose wire view has a context and headers, too. What it sees goes
// back as reasons.
$seen = [];
function attempt(callable $call): void
{
    global $seen;
    try {
        $call();
    } catch (Throwable $e) {
        $seen[] = $e::class . ': ' . $e->getMessage();
    }
}
set_error_handler(function (int $type, string $text) use (&$seen): bool {
    $seen[] = $text;
    return true;
});

$consumer = new Consumer();
$job = $consumer->next();
$seen[] = [$job->answered(), $job->id, $job->name, $job->payload, $job->attempt, $job->header('ACCEPT-ENCODING'), $job->header('none')];
attempt(fn () => $job->keepAlive());
attempt(fn () => $job->requeue(delay: -1));
$job->ack();
$seen[] = $job->answered();
attempt(fn () => $job->ack());
$job = $consumer->next();
$job->nack(json_encode($seen, JSON_UNESCAPED_SLASHES), true, 1.2);
$job = $consumer->next();
$job->requeue(new class('bad') extends Exception { public function __toString(): string { return 'as text'; } }, 60, ['x' => 'y', 'z' => ['a', 'b']]);
$old = $consumer->next();
$seen = [];
$job = $consumer->next();
attempt(fn () => $old->ack());
$job->nack(json_encode($seen, JSON_UNESCAPED_SLASHES));
$count = 0;
exit($consumer->run(function (Job $job) use (&$count): void {
    if (++$count === 2) {
        throw new LogicException('thrown');
    }
}));
--EXPECTF--
{"type":2,"data":[]}
{"type":3,"data":{"message":"[[false,\"\",\"\",\"\",null,\"identity\",null],\"RrEmbed\\\\Exception\\\\UnsupportedException: RrEmbed\\\\Jobs\\\\Job::keepAlive() needs a server that prolongs jobs, and this one does not\",\"ValueError: RrEmbed\\\\Jobs\\\\Job::requeue(): Argument #2 ($delay) must be greater than or equal to 0\",true,\"RrEmbed\\\\Exception\\\\InvalidStateException: the job has its answer\"]","requeue":true,"delay_seconds":2}}
{"type":4,"data":{"message":"as text","delay_seconds":60,"headers":{"Accept-Encoding":["identity"],"x":["y"],"z":["a","b"]}}}
{"type":3,"data":{"message":"the worker asked for the next job and had not answered this one","requeue":false,"delay_seconds":0}}
{"type":3,"data":{"message":"[\"RrEmbed\\\\Jobs\\\\Consumer::next(): the job  was left without an answer: it fails\",\"RrEmbed\\\\Exception\\\\InvalidStateException: the job has its answer\"]","requeue":false,"delay_seconds":0}}
{"type":2,"data":[]}
{"type":3,"data":{"message":"LogicException: thrown in %s","requeue":false,"delay_seconds":0}}
