<?php
// Says which request it was taken for. A path below /smuggled is one that only misread bytes can
// ask for: it leaves a file behind, whoever gets the answer.
$folder = getenv('HOSTILE_FOLDER');

while (rr_embed_handle_request(static function () use ($folder): void {
    $uri = $_SERVER['REQUEST_URI'];
    if (str_contains($uri, 'smuggled')) {
        file_put_contents("$folder/smuggled", $uri . "\n", FILE_APPEND | LOCK_EX);
    }
    if (getenv('HOSTILE_KEEPS_LIST') !== false) {
        file_put_contents("$folder/seen", $uri . "\n", FILE_APPEND | LOCK_EX);
    }
    header('Content-Type: text/plain');
    echo "seen $uri\n";
}));
