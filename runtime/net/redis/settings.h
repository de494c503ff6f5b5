// What a client of redis has to know. The keys are RoadRunner's (spec 04 §1.1), where `kv` and
// `lock` have them.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <tuple>
#include <vector>

#include "rr/config.h"

namespace rr::redis {

struct TlsSettings {
  std::string cert;
  std::string key;
  std::string root_ca;

  static constexpr auto fields() {
    using config::field;
    return std::tuple{
        field("cert", &TlsSettings::cert, "PEM file with the client's certificate"),
        field("key", &TlsSettings::key, "PEM file with its key"),
        field("root_ca", &TlsSettings::root_ca,
              "PEM file with authorities to trust beside the system's"),
    };
  }
  void check(config::Errors& errors) const {
    errors.require(cert.empty() == key.empty(), cert.empty() ? "cert" : "key",
                   "cert and key are needed together");
  }
};

// Zero stands for a default; settle() puts it in. Values below zero switch something off.
struct Settings {
  std::vector<std::string> addrs{"127.0.0.1:6379"};
  std::int64_t db = 0;
  std::string username;
  std::string password;
  std::string sentinel_password;
  std::string master_name;
  bool route_by_latency = false;
  bool route_randomly = false;
  bool read_only = false;
  std::int64_t max_retries = 0;
  Duration min_retry_backoff{};
  Duration max_retry_backoff{};
  Duration dial_timeout{};
  Duration read_timeout{};
  Duration write_timeout{};
  std::int64_t pool_size = 0;
  std::int64_t min_idle_conns = 0;
  Duration pool_timeout{};
  Duration idle_timeout{};
  Duration max_conn_age{};
  Duration idle_check_freq{};
  std::optional<TlsSettings> tls;

  static constexpr auto fields() {
    using config::field;
    return std::tuple{
        field("addrs", &Settings::addrs,
              "host:port; several: a cluster, with master_name the sentinels"),
        field("db", &Settings::db, "number of the database; a cluster has one only"),
        field("username", &Settings::username, "of an ACL"),
        field("password", &Settings::password, "of the user, or of the server"),
        field("sentinel_password", &Settings::sentinel_password, "of the sentinels"),
        field("master_name", &Settings::master_name, "the sentinels' name of the master"),
        field("route_by_latency", &Settings::route_by_latency,
              "reads go to the node that answers fastest"),
        field("route_randomly", &Settings::route_randomly, "reads go to any node"),
        field("read_only", &Settings::read_only, "reads go to replicas"),
        field("max_retries", &Settings::max_retries, "0: 3; -1: none"),
        field("min_retry_backoff", &Settings::min_retry_backoff, "0: 8ms; below: none"),
        field("max_retry_backoff", &Settings::max_retry_backoff, "0: 512ms; below: none"),
        field("dial_timeout", &Settings::dial_timeout, "0: 5s"),
        field("read_timeout", &Settings::read_timeout, "0: 3s; below: none"),
        field("write_timeout", &Settings::write_timeout, "0: as read_timeout; below: none"),
        field("pool_size", &Settings::pool_size, "connections to a node; 0: 10 for each CPU"),
        field("min_idle_conns", &Settings::min_idle_conns,
              "connections that are kept ready, however long unused"),
        field("pool_timeout", &Settings::pool_timeout,
              "for a connection when all are busy; 0: read_timeout and a second"),
        field("idle_timeout", &Settings::idle_timeout,
              "an unused connection is closed after; 0: 30m; below: never"),
        field("max_conn_age", &Settings::max_conn_age, "0: none"),
        field("idle_check_freq", &Settings::idle_check_freq,
              "accepted as in RoadRunner, without effect"),
        field("tls", &Settings::tls, "TLS, from version 1.2 on"),
    };
  }
  void settle();
  void check(config::Errors& errors) const;
};

}  // namespace rr::redis
