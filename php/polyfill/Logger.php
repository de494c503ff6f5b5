<?php

declare(strict_types=1);

namespace RrEmbed;

use RrEmbed\Exception\RrEmbedException;
use RrEmbed\Internal\Caller;
use RrEmbed\Internal\NotCopyable;
use RrEmbed\Internal\Protobuf;

/**
 * The server's log. It never throws: what cannot be delivered goes to PHP's error log.
 *
 *     (new RrEmbed\Logger())->log(RrEmbed\LogLevel::Warning, 'payment refused', ['order' => 7]);
 *
 * Records are those of the channel `app`, filtered by `logs.channels.app`. Over RPC there is no other: a further name becomes the
 * attribute `channel`.
 */
final class Logger
{
    use NotCopyable;

    private const APP = 'app';

    private readonly Caller $server;

    /**
     * @param Rpc|null $rpc null is the server this script belongs to, looked for with the first record
     */
    public function __construct(private readonly string $channel = self::APP, ?Rpc $rpc = null)
    {
        $this->server = new Caller($rpc, self::class);
    }

    /**
     * Writes a record; it is not waited for.
     *
     * @param array<array-key, mixed> $context attributes: text as it is, everything else as JSON
     */
    public function log(LogLevel $level, string|\Stringable $message, array $context = []): void
    {
        $message = (string) $message;
        if (self::APP !== $this->channel) {
            $context += ['channel' => $this->channel];
        }
        try {
            if ([] === $context) {
                $json = json_encode($message, \JSON_THROW_ON_ERROR | \JSON_INVALID_UTF8_SUBSTITUTE);
                $this->server->rpc()->send('app.'.$level->name, $json, Codec::Json);
            } else {
                $this->server->rpc()->send("app.{$level->name}WithContext", self::entry($message, $context), Codec::Proto);
            }
        } catch (RrEmbedException) {
            error_log(\sprintf('%s: %s%s', strtoupper($level->name), $message, [] === $context ? '' : ' '.json_encode($context, \JSON_PARTIAL_OUTPUT_ON_ERROR | \JSON_INVALID_UTF8_SUBSTITUTE)));
        }
    }

    /**
     * LogEntry { 1 message, 2 repeated LogAttrs { 1 key, 2 value } }.
     *
     * @param array<array-key, mixed> $context
     */
    private static function entry(string $message, array $context): string
    {
        $entry = Protobuf::text(1, self::utf8($message));
        foreach ($context as $key => $value) {
            if (!\is_string($value)) {
                $value = $value instanceof \Stringable ? (string) $value : json_encode($value, \JSON_INVALID_UTF8_SUBSTITUTE);
            }
            // What has no form in JSON, such as a resource, is left out.
            if (false !== $value) {
                $entry .= Protobuf::message(2, Protobuf::text(1, self::utf8((string) $key)).Protobuf::text(2, self::utf8($value)));
            }
        }

        return $entry;
    }

    /**
     * The server refuses a message with other bytes; a log must not lose the record for one.
     */
    private static function utf8(string $text): string
    {
        if (1 === preg_match('//u', $text)) {
            return $text;
        }
        $text = json_decode((string) json_encode($text, \JSON_INVALID_UTF8_SUBSTITUTE));

        return \is_string($text) ? $text : '';
    }
}
