<?php

$app = new Illuminate\Foundation\Application(dirname(__DIR__));
$app->useStoragePath(getenv('APP_VAR_DIR') ?: dirname(__DIR__) . '/var');
foreach (['framework/sessions', 'framework/views', 'framework/cache', 'logs', 'bootstrap'] as $folder) {
    if (!is_dir($app->storagePath() . '/' . $folder)) {
        @mkdir($app->storagePath() . '/' . $folder, 0777, true);
    }
}
// What the framework writes for itself goes beside its other files, so that the application's folder stays as it is.
foreach (['APP_SERVICES_CACHE' => 'services.php', 'APP_PACKAGES_CACHE' => 'packages.php'] as $name => $file) {
    $_ENV[$name] = $_SERVER[$name] = $app->storagePath() . '/bootstrap/' . $file;
}
$app->singleton(Illuminate\Contracts\Http\Kernel::class, App\Http\Kernel::class);
$app->singleton(Illuminate\Contracts\Console\Kernel::class, Illuminate\Foundation\Console\Kernel::class);
$app->singleton(Illuminate\Contracts\Debug\ExceptionHandler::class, App\Exceptions\Handler::class);

return $app;
