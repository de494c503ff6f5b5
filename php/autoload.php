<?php

declare(strict_types=1);

/*
 * The library without Composer: for the examples of a checkout, and for scripts that use the native classes alone.
 */
spl_autoload_register(static function (string $class): void {
    if (str_starts_with($class, 'RrEmbed\\')) {
        $file = __DIR__.'/src/'.strtr(substr($class, 8), '\\', '/').'.php';
        if (is_file($file)) {
            require $file;
        }
    }
});

require __DIR__.'/src/bootstrap.php';
