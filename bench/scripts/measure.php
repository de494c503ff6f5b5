<?php
// Calls $call for so many seconds, one time after the other, and prints one line of JSON: the median, the 99th percentile and the mean of a
// call in microseconds, this process's CPU time per call, and the number of calls.
function measure(Closure $call, float $seconds): void
{
    $cpu = static fn (array $used): float => ($used['ru_utime.tv_sec'] + $used['ru_stime.tv_sec']) * 1e6 + $used['ru_utime.tv_usec'] + $used['ru_stime.tv_usec'];
    $times = [];
    $before = $cpu(getrusage());
    $begun = $now = hrtime(true);
    $end = $now + (int) ($seconds * 1e9);
    while ($now < $end) {
        $call();
        $then = hrtime(true);
        $times[] = $then - $now;
        $now = $then;
    }
    $used = $cpu(getrusage()) - $before;
    $count = count($times);
    sort($times);
    echo json_encode([
        'p50_us' => $times[$count >> 1] / 1e3, 'p99_us' => $times[(int) ($count * 0.99)] / 1e3,
        'mean_us' => ($now - $begun) / $count / 1e3, 'cpu_us' => $used / $count, 'calls' => $count,
    ]), "\n";
}
