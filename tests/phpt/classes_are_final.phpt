--TEST--
Classes are final, can be neither cloned nor serialised
--FILE--
<?php
foreach (['RrEmbed\Worker', 'RrEmbed\Http\Worker', 'RrEmbed\Http\Request', 'RrEmbed\Http\BodyWriter', 'RrEmbed\Payload',
    'RrEmbed\Http\UploadedFile'] as $name) {
    $class = new ReflectionClass($name);
    echo $name, ' ', $class->isFinal() ? 'final' : 'open', "\n";
}
try {
    clone new RrEmbed\Http\Worker();
} catch (Error $e) {
    echo get_class($e), "\n";
}
try {
    serialize(new RrEmbed\Http\Worker());
} catch (Exception $e) {
    echo get_class($e), "\n";
}
--EXPECT--
RrEmbed\Worker final
RrEmbed\Http\Worker final
RrEmbed\Http\Request final
RrEmbed\Http\BodyWriter final
RrEmbed\Payload final
RrEmbed\Http\UploadedFile final
Error
Exception
