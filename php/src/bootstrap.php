<?php

declare(strict_types=1);

/*
 * The names below RrEmbed\ come from two places: the extension rr_embed defines its classes and functions before any
 * autoloader runs; without it the same names are loaded from php/polyfill. User code never branches.
 */
if (!extension_loaded('rr_embed')) {
    spl_autoload_register(static function (string $class): void {
        if (str_starts_with($class, 'RrEmbed\\')) {
            $file = dirname(__DIR__).'/polyfill/'.strtr(substr($class, 8), '\\', '/').'.php';
            if (is_file($file)) {
                require_once $file;
            }
        }
    });

    require_once dirname(__DIR__).'/polyfill/functions.php';
}
