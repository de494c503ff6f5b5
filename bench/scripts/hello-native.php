<?php
// A loop on a thread: superglobals, echo and header().
while (rr_embed_handle_request(static function (): void {
    header('Content-Type: text/plain');
    echo 'Hello World!';
}));
