--TEST--
Http\Worker::run() takes strings, arrays and generators
--STYLE--
worker
--REQUESTS--
4
--FILE--
<?php
$count = 0;
(new RrEmbed\Http\Worker())->run(static function (RrEmbed\Http\Request $request) use (&$count) {
    return match (++$count) {
        1 => 'text',
        2 => [202, ['X-A' => 'b'], 'array'],
        3 => (static function () { yield 'gene'; yield 'rator'; })(),
        4 => $request->respond(204),
    };
});
--EXPECT_STATUS--
200 text
202 array
200 generator
204%S
