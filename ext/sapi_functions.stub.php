<?php

/**
 * What scripts expect of a web server API, beside the functions of rr_embed.stub.php. Only where this
 * extension is part of the server: php-fpm and others have their own.
 *
 * @generate-function-entries
 */

/** Sends the answer now; the script goes on, what it prints from here on is dropped. */
function fastcgi_finish_request(): bool {}

/** @return array<string, string> the request's headers */
function getallheaders(): array {}

/**
 * @return array<string, string>
 * @alias getallheaders
 */
function apache_request_headers(): array {}

/** @return array<string, string> the headers set so far */
function apache_response_headers(): array {}
