<?php

declare(strict_types=1);

$finder = (new PhpCsFixer\Finder())
    ->in([__DIR__.'/php', __DIR__.'/examples', __DIR__.'/tests/apps/psr7'])
    ->append([__FILE__])
    ->notPath('vendor');

return (new PhpCsFixer\Config())
    ->setRiskyAllowed(true)
    ->setRules([
        '@PER-CS' => true,
        '@Symfony' => true,
        '@Symfony:risky' => true,
        'declare_strict_types' => true,
        // Words of a domain stay as they are written.
        'phpdoc_to_comment' => false,
        'single_line_throw' => false,
        'concat_space' => ['spacing' => 'none'],
    ])
    ->setFinder($finder);
