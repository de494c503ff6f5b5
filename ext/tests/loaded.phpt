--TEST--
The extension is there, with its version
--EXTENSIONS--
rr_embed
--FILE--
<?php
var_dump(extension_loaded('rr_embed'));
var_dump(preg_match('/^\d+\.\d+\.\d+$/', phpversion('rr_embed')), RrEmbed\version() === phpversion('rr_embed'));
foreach ((new ReflectionExtension('rr_embed'))->getClasses() as $class) {
    if (!$class->isInterface() && !$class->isEnum() && !$class->isSubclassOf(Throwable::class) && !$class->isFinal()) {
        echo $class->getName(), " is not final\n";
    }
}
?>
--EXPECT--
bool(true)
int(1)
bool(true)
