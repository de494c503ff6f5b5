--TEST--
finish_request() gives the answer away; what follows is not seen
--FILE--
<?php
echo 'seen';
var_dump(RrEmbed\finish_request());
echo 'unseen';
RrEmbed\finish_request();
--EXPECT--
seen
