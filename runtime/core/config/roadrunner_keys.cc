#include "runtime/core/config/roadrunner_keys.h"

#include <array>

namespace rr::config {

namespace {

using enum Fate;

constexpr std::array kKeys = std::to_array<RoadRunnerKey>({
    {"http.cache.config", no_effect},
    {"http.cache.api", no_effect},
    {"http.cache.ykeys", no_effect},
    {"http.cache.surrogate_keys", no_effect},
    {"http.cache.log_level", no_effect},
    {"http.cache.default_cache.stale", no_effect},
    {"http.cache.default_cache.timeout", no_effect},
    {"http.new_relic", retired},
    {"server.relay_timeout", no_effect},
    {"server.after_init", no_effect},
    {"jobs", planned},
    {"amqp", planned},
    {"beanstalk", planned},
    {"sqs", planned},
    {"nats", planned},
    {"kafka", planned},
    {"boltdb", planned},
    {"google_pub_sub", planned},
    {"nsq", planned},
    {"redis", planned},
    {"memcached", planned},
    {"grpc", planned},
    {"tcp", planned},
    {"temporal", planned},
    {"centrifuge", planned},
    {"fileserver.stream_request_body", no_effect},
    {"otel", planned},
    // Always on and without configuration, or gone from RoadRunner.
    {"app", retired},
    {"informer", retired},
    {"resetter", retired},
    {"reload", retired},
    {"broadcast", retired},
    {"websockets", retired},
    {"new_relic", retired},
});

}  // namespace

std::span<const RoadRunnerKey> roadrunner_keys() {
  return kKeys;
}

}  // namespace rr::config
