// Keys and values in redis, as plain strings that others may read and write.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "rr/kv.h"
#include "rr/metrics.h"
#include "runtime/net/redis/client.h"

namespace rr::keyvalue::redis {

// Connects with the first call; a server that cannot be reached is an error of each call.
class RedisStorage final : public KvStorage, private MetricsSource {
 public:
  explicit RedisStorage(std::unique_ptr<rr::redis::Client> client) : client_(std::move(client)) {}

  Result<void> has(Keys keys, Found& found) override;
  Result<void> get(Keys keys, Found& found) override;
  Result<void> ttl(Keys keys, Found& found) override;
  Result<void> set(Items items) override;
  Result<void> expire(Items items) override;
  Result<void> remove(Keys keys) override;
  Result<void> clear() override;
  Result<bool> set_if(const KvItem& item, const std::string_view* expected) override;
  Result<std::int64_t> increment(std::string_view key, std::int64_t by,
                                 std::string_view timeout) override;
  bool blocks() const override { return true; }
  Duration tidy_interval() const override;
  void tidy() override { client_->tidy(); }
  MetricsSource* metrics() override { return this; }

  rr::redis::PoolStats stats() const { return client_->stats(); }

 private:
  std::span<const MetricSpec> families() const override;
  void collect(MetricsSink& sink) const override;

  using Calls = std::vector<rr::redis::Call>;
  using Replies = std::vector<rr::redis::Reply>;
  // The same command for each of the keys.
  Result<Replies> for_each(Keys keys, const char* command, rr::redis::Access access);
  // Replies, none of which is an error of the server.
  Result<Replies> run(const Calls& calls);

  const std::unique_ptr<rr::redis::Client> client_;
};

}  // namespace rr::keyvalue::redis
