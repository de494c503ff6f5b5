--TEST--
CR, LF and NUL in headers are refused before anything is sent
--STYLE--
worker
--FILE--
<?php
$worker = new RrEmbed\Http\Worker();
while ($request = $worker->accept()) {
    $seen = [];
    foreach (["a\r\nB: c", "a\nb", "a\0b"] as $value) {
        try {
            $request->respond(200, ['X' => $value]);
        } catch (ValueError $e) {
            $seen[] = get_class($e);
        }
    }
    try {
        $request->respond(200, ["X\r\nY" => 'v']);
    } catch (ValueError $e) {
        $seen[] = get_class($e);
    }
    $request->respond(200, [], implode(' ', $seen));
}
--EXPECT--
ValueError ValueError ValueError ValueError
