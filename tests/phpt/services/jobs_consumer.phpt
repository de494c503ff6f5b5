--TEST--
RrEmbed\Jobs\Consumer: one answer a job, whatever the handler does
--STYLE--
worker
--REQUESTS--
6
--FILE--
<?php
use RrEmbed\Jobs\{Consumer, Job};

// The server has no jobs yet: their loop runs on HTTP requests here, whose wire view has a context and headers, too.
$consumer = new Consumer();
$job = $consumer->next();
$job->ack();
$second = function (Job $job): void {
    try {
        $job->ack();
    } catch (RrEmbed\Exception\InvalidStateException $e) {
        error_log($e->getMessage());
    }
};
$second($job);
error_log(json_encode([$job->answered(), $job->id, $job->name, $job->payload, $job->attempt, $job->header('ACCEPT-ENCODING'), $job->header('none')]));
$job = $consumer->next();
$job->nack(new class('bad') extends Exception { public function __toString(): string { return 'as text'; } }, true, 1.2);
$job = $consumer->next();
try {
    $job->requeue(delay: -1);
} catch (ValueError $e) {
    error_log($e->getMessage());
}
try {
    $job->keepAlive();
} catch (RrEmbed\Exception\UnsupportedException $e) {
    error_log($e->getMessage());
}
$job->requeue('later', 60, ['x' => 'y', 'z' => ['a', 'b']]);
$consumer->next();
$count = 0;
exit($consumer->run(function (Job $job) use (&$count): void {
    if (++$count === 2) {
        throw new LogicException('thrown');
    }
}));
--EXPECTF--
{"type":2,"data":[]}
{"type":3,"data":{"message":"as text","requeue":true,"delay_seconds":2}}
{"type":4,"data":{"message":"later","delay_seconds":60,"headers":{"Accept-Encoding":["identity"],"x":["y"],"z":["a","b"]}}}
{"type":3,"data":{"message":"the worker asked for the next job and had not answered this one","requeue":false,"delay_seconds":0}}
{"type":2,"data":[]}
{"type":3,"data":{"message":"LogicException: thrown in %s","requeue":false,"delay_seconds":0}}
--STDERRF--
the job has its answer
[true,"","","",null,"identity",null]
RrEmbed\Jobs\Job::requeue(): Argument #2 ($delay) must be greater than or equal to 0
RrEmbed\Jobs\Job::keepAlive() needs a server that prolongs jobs, and this one does not
PHP Warning:  RrEmbed\Jobs\Consumer::next(): the job  was left without an answer: it fails in %s on line %d
