<?php

declare(strict_types=1);

namespace RrEmbed\Internal;

use RrEmbed\Exception\RrEmbedException;
use RrEmbed\Exception\ServiceException;

/**
 * A collector of the server: declared with the first object for it, then counted into, a call each.
 *
 * @internal
 */
final class Collector
{
    /** Whether failures of the server are kept from the application. */
    public static bool $silent = false;

    /** @var array<string, self> by name: those that this process has declared */
    private static array $declared = [];

    private static ?Caller $server = null;

    /**
     * @param list<string>                                                                                                                              $labels
     * @param array{type: string, help: string, labels: list<string>, namespace: string, subsystem: string, buckets?: list<float>, objectives?: object} $shape  as the server takes it
     */
    private function __construct(private readonly string $name, private readonly array $labels, private readonly array $shape)
    {
    }

    /**
     * @param array<array-key, mixed>                                       $labels
     * @param array{}|array{buckets: list<float>}|array{objectives: object} $more
     *
     * @throws \ValueError when this process has declared one of that name and another shape
     */
    public static function declare(string $type, string $name, string $help, array $labels, string $namespace, string $subsystem, array $more = []): self
    {
        if ('' === $name) {
            throw new \ValueError("RrEmbed\\Metrics::{$type}(): Argument #1 (\$name) must not be empty");
        }
        $names = [];
        foreach ($labels as $label) {
            if (!\is_string($label) || '' === $label) {
                throw new \ValueError("RrEmbed\\Metrics::{$type}(): the labels must be names");
            }
            $names[] = $label;
        }
        $shape = ['type' => $type, 'help' => $help, 'labels' => $names, 'namespace' => $namespace, 'subsystem' => $subsystem] + $more;
        $known = self::$declared[$name] ?? null;
        if (null !== $known) {
            return $known->fits($shape) ? $known : throw new \ValueError("the collector \"{$name}\" was declared with another shape");
        }
        $collector = new self($name, $names, $shape);
        $collector->attempt($collector->send(...));

        return self::$declared[$name] = $collector;
    }

    /**
     * @param 'Add'|'Observe'|'Set'|'Sub' $operation
     * @param array<array-key, mixed>     $labels    values by name
     *
     * @throws \ValueError when the labels are not those of the declaration, or the value is no finite number
     */
    public function call(string $operation, float $value, array $labels): void
    {
        if (!is_finite($value)) {
            throw new \ValueError("the value for the collector \"{$this->name}\" must be finite");
        }
        $argument = ['name' => $this->name, 'value' => $value, 'labels' => $this->values($labels)];
        $this->attempt(function () use ($operation, $argument): void {
            try {
                self::server()->json('metrics.'.$operation, $argument);
            } catch (ServiceException $error) {
                // The server was started anew: it has forgotten what was declared by RPC.
                if (!str_contains($error->serverMessage, 'undefined collector')) {
                    throw $error;
                }
                $this->send();
                self::server()->json('metrics.'.$operation, $argument);
            }
        });
    }

    /**
     * Forgets what was declared. For tests.
     */
    public static function reset(): void
    {
        self::$declared = [];
        self::$server = null;
        self::$silent = false;
    }

    /**
     * @param array<array-key, mixed> $labels
     *
     * @return list<string> in the order of the declaration
     */
    private function values(array $labels): array
    {
        $values = [];
        foreach ($this->labels as $name) {
            $value = $labels[$name] ?? null;
            if (!\is_scalar($value) && !$value instanceof \Stringable) {
                throw $this->wrongLabels();
            }
            $values[] = (string) $value;
        }

        return \count($values) === \count($labels) ? $values : throw $this->wrongLabels();
    }

    /**
     * Whether a declaration means this collector. The help is for people; without buckets those that are there are taken.
     *
     * @param array<string, mixed> $shape
     */
    private function fits(array $shape): bool
    {
        $own = $this->shape;
        if ([] === ($shape['buckets'] ?? null)) {
            unset($own['buckets'], $shape['buckets']);
        }
        unset($own['help'], $shape['help']);

        // Objectives are an object, which is equal by its values.
        return $own == $shape;
    }

    private function wrongLabels(): \ValueError
    {
        return new \ValueError("the collector \"{$this->name}\" wants ".([] === $this->labels ? 'no labels' : 'the labels '.implode(', ', $this->labels)));
    }

    private function send(): void
    {
        self::server()->json('metrics.Declare', ['name' => $this->name, 'collector' => $this->shape]);
    }

    /**
     * @param callable(): void $action
     */
    private function attempt(callable $action): void
    {
        try {
            $action();
        } catch (RrEmbedException $error) {
            if (!self::$silent) {
                throw $error;
            }
        }
    }

    private static function server(): Caller
    {
        return self::$server ??= new Caller(null, 'RrEmbed\Metrics');
    }
}
