--TEST--
A php.ini that loads the extension of another PHP: the built-in one is used and nothing is said
--INI--
extension=rr_embed
extension=/nowhere/rr_embed.so
--FILE--
<?php
var_dump(RrEmbed\transport(), (new RrEmbed\Rpc())->address());
--EXPECT--
enum(RrEmbed\Transport::Host)
string(4) "host"
