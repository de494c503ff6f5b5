<?php

/**
 * The application's log.
 *
 * @generate-class-entries
 */

namespace RrEmbed {

    /**
     * The server's log. It never throws: what cannot be delivered goes to PHP's error log.
     *
     *     (new RrEmbed\Logger())->log(RrEmbed\LogLevel::Warning, 'payment refused', ['order' => 7]);
     *
     * Records are those of the channel `app`, filtered by `logs.channels.app`. A further name becomes the attribute `channel`.
     *
     * @strict-properties
     * @not-serializable
     */
    final class Logger
    {
        /** @param Rpc|null $rpc null is the server this script belongs to, looked for with the first record */
        public function __construct(string $channel = 'app', ?Rpc $rpc = null) {}

        /**
         * Writes a record; it is not waited for.
         *
         * @param array $context attributes: text as it is, everything else as JSON
         */
        public function log(LogLevel $level, string|\Stringable $message, array $context = []): void {}
    }
}
