<?php

/**
 * Keys and values that workers share.
 *
 * @generate-class-entries
 */

namespace RrEmbed {

    /**
     * A storage of keys and values that all workers share. Values are bytes: nothing serialises them.
     *
     *     $kv = new RrEmbed\Kv('cache');
     *     $kv->set('answer', '42', ttl: 60);
     *     $visits = $kv->increment('visits');
     *
     * Every method throws Exception\NotInServerException when there is no server to ask, Exception\ServiceException with the server's
     * text ("no such storage"), Exception\TransportException when it cannot be reached and Exception\TimeoutException when it does not
     * answer in time. Times to live are seconds above 0; null is without end.
     *
     * @strict-properties
     * @not-serializable
     */
    final class Kv
    {
        /**
         * @param string $storage its name in the section `kv`, in lower case
         * @param Rpc|null $rpc null is the server this script belongs to, looked for with the first call
         */
        public function __construct(string $storage, ?Rpc $rpc = null) {}

        /** @return string|null null when there is no such key */
        public function get(string $key): ?string {}

        /**
         * @param array $keys texts
         *
         * @return array values by key; keys that do not exist are absent
         */
        public function getMany(array $keys): array {}

        /** @throws \ValueError when the time to live is not above 0 */
        public function set(string $key, string $value, ?float $ttl = null): void {}

        /**
         * Not one step: another caller may see a part of it.
         *
         * @param array $values texts by key
         *
         * @throws \ValueError when the time to live is not above 0
         */
        public function setMany(array $values, ?float $ttl = null): void {}

        /**
         * Sets a key that does not exist, in one step.
         *
         * @return bool false when it exists; nothing was changed
         *
         * @throws Exception\UnsupportedException when the server has neither this method nor locks
         * @throws \ValueError when the time to live is not above 0
         */
        public function add(string $key, string $value, ?float $ttl = null): bool {}

        /**
         * Adds to a number, in one step. A key that does not exist counts as 0.
         *
         * @param int $by may be negative
         * @param float|null $ttlIfNew of a key that did not exist; another keeps what it has
         *
         * @return int the sum
         *
         * @throws Exception\UnsupportedException when the server has neither this method nor locks
         * @throws \ValueError when the time to live is not above 0
         */
        public function increment(string $key, int $by = 1, ?float $ttlIfNew = null): int {}

        /**
         * Sets a key that has the value it is thought to have, in one step.
         *
         * @param string|null $expected null: the key must not exist
         *
         * @return bool false when it has another; nothing was changed
         *
         * @throws Exception\UnsupportedException when the server has neither this method nor locks
         * @throws \ValueError when the time to live is not above 0
         */
        public function compareAndSet(string $key, ?string $expected, string $new, ?float $ttl = null): bool {}

        public function has(string $key): bool {}

        /**
         * @param array $keys texts
         *
         * @return array for each of the keys, whether it exists
         */
        public function hasMany(array $keys): array {}

        /** Keys that do not exist are fine. */
        public function delete(string ...$keys): void {}

        /**
         * Gives existing keys another time to live, from now on.
         *
         * @throws \ValueError when it is not above 0
         */
        public function touch(float $ttl, string ...$keys): void {}

        /**
         * @return float|null seconds left, in whole ones as the server tells; null for a key without end, and for one that does not exist
         */
        public function ttl(string $key): ?float {}

        /** Deletes all keys. */
        public function clear(): void {}
    }
}
