--TEST--
In classic mode a script is on a thread of the server, but in no loop
--FILE--
<?php
var_dump(RrEmbed\version() === PHP_EOL ? '' : is_string(RrEmbed\version()));
var_dump(RrEmbed\transport());
var_dump(RrEmbed\available());
var_dump(RrEmbed\mode());
var_dump(RrEmbed\worker_id());
var_dump(RrEmbed\connection_alive());
var_dump(PHP_SAPI, php_sapi_name(), extension_loaded('rr_embed'));
--EXPECT--
bool(true)
enum(RrEmbed\Transport::Host)
bool(true)
enum(RrEmbed\Mode::Http)
int(1)
bool(true)
string(8) "rr-embed"
string(8) "rr-embed"
bool(true)
