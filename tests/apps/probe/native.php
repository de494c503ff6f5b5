<?php
// The application in a loop on a thread, with superglobals.
require __DIR__ . '/superglobals.php';

while (rr_embed_handle_request(static function (): void {
    header_remove('X-Powered-By');
    Probe\serve_superglobals();
}));
