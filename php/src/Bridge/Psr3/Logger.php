<?php

declare(strict_types=1);

namespace RrEmbed\Bridge\Psr3;

use Psr\Log\AbstractLogger;
use Psr\Log\InvalidArgumentException;
use Psr\Log\LogLevel as PsrLevel;
use RrEmbed\Logger as NativeLogger;
use RrEmbed\LogLevel;

/**
 * The server's log by PSR-3. It never throws because of the server.
 *
 * The server has four levels: what lies between goes to the nearest one below, with its own name as the attribute `level`.
 * `{name}` in a message is replaced by text of the context; all of the context becomes attributes.
 */
final class Logger extends AbstractLogger
{
    private const LEVELS = [
        PsrLevel::EMERGENCY => LogLevel::Error,
        PsrLevel::ALERT => LogLevel::Error,
        PsrLevel::CRITICAL => LogLevel::Error,
        PsrLevel::ERROR => LogLevel::Error,
        PsrLevel::WARNING => LogLevel::Warning,
        PsrLevel::NOTICE => LogLevel::Info,
        PsrLevel::INFO => LogLevel::Info,
        PsrLevel::DEBUG => LogLevel::Debug,
    ];

    private readonly NativeLogger $logger;

    public function __construct(?NativeLogger $logger = null)
    {
        $this->logger = $logger ?? new NativeLogger();
    }

    /**
     * @param mixed                   $level   one of {@see PsrLevel}
     * @param array<array-key, mixed> $context
     *
     * @throws InvalidArgumentException when there is no such level
     */
    public function log($level, string|\Stringable $message, array $context = []): void
    {
        $native = \is_string($level) ? self::LEVELS[$level] ?? null : null;
        if (null === $native) {
            throw new InvalidArgumentException('unknown log level: '.(\is_scalar($level) ? $level : get_debug_type($level)));
        }
        $attributes = [];
        $replace = [];
        foreach ($context as $name => $value) {
            $attributes[$name] = $value = $value instanceof \Throwable || $value instanceof \Stringable ? (string) $value : $value;
            if (null === $value || \is_scalar($value)) {
                $replace["{{$name}}"] = (string) $value;
            }
        }
        if (strtolower($native->name) !== $level) {
            $attributes += ['level' => $level];
        }
        $this->logger->log($native, strtr((string) $message, $replace), $attributes);
    }
}
