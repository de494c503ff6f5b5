<?php
// The same amount of computing in every server: BENCH_SPIN rounds, which the harness has measured to be half a
// millisecond on this machine.
function spin(int $rounds): int
{
    for ($i = 0, $x = 1; $i < $rounds; $i++) {
        $x = ($x * 1103515245 + 12345) & 0x7fffffff;
    }

    return $x;
}
