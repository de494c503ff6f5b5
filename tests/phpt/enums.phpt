--TEST--
Enums have the values of the wire
--FILE--
<?php
echo RrEmbed\Codec::Raw->value, ' ', RrEmbed\Codec::Json->value, ' ', RrEmbed\Codec::Msgpack->value, ' ', RrEmbed\Codec::Proto->value, "\n";
echo RrEmbed\LogLevel::Debug->value, ' ', RrEmbed\LogLevel::Error->value, "\n";
echo implode(' ', array_map(static fn ($mode) => $mode->value, RrEmbed\Mode::cases()));
--EXPECT--
4 8 16 128
-4 8
http jobs grpc tcp centrifuge temporal task
