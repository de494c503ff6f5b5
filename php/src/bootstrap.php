<?php

declare(strict_types=1);

/*
 * The names below RrEmbed\ come from two places: the extension rr_embed defines its classes and functions before any
 * autoloader runs; those it has not are loaded from php/polyfill: all of them without it, and what is newer than an old
 * one. User code never branches.
 */
spl_autoload_register(static function (string $class): void {
    if (str_starts_with($class, 'RrEmbed\\')) {
        $file = dirname(__DIR__).'/polyfill/'.strtr(substr($class, 8), '\\', '/').'.php';
        if (is_file($file)) {
            require_once $file;
        }
    }
});

if (!extension_loaded('rr_embed')) {
    require_once dirname(__DIR__).'/polyfill/functions.php';
}
