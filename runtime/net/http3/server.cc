#include "runtime/net/http3/server.h"

#include <algorithm>
#include <bit>
#include <set>
#include <utility>

#include "runtime/net/kept_sockets.h"
#include "runtime/net/resolve.h"

namespace rr::net::http3 {
namespace {

constexpr std::size_t kMostGraves = 4096;

}  // namespace

Server::Server(Reactor& reactor, http::Handler& handler, const CredentialsStore& credentials,
               const ConnectionLimits& limits, log::Logger log)
    : reactor_(reactor),
      handler_(handler),
      credentials_(credentials),
      limits_(limits),
      quic_limits_(limits.of_quic()),
      log_(log),
      timers_(reactor) {}

Server::~Server() = default;

Result<void> Server::bind(std::string_view address, bool reuse_port) {
  auto sockets = UdpSocket::bind(address, reuse_port);
  if (!sockets) return std::move(sockets).error();
  for (UdpSocket& socket : *sockets) {
    endpoints_.push_back(std::make_unique<Endpoint>(*this, std::move(socket)));
  }
  return {};
}

Result<void> Server::open() {
  if (auto started = timers_.start(); !started) return started;
  for (auto& endpoint : endpoints_) endpoint->start();
  return {};
}

std::vector<std::string> Server::addresses() const {
  std::vector<std::string> all;
  for (const auto& endpoint : endpoints_) all.push_back(endpoint->socket().address());
  return all;
}

std::uint16_t Server::port() const {
  const Address& bound = endpoints_.front()->socket().bound();
  return peer_of(bound.any, bound.any).local_port;
}

// ---- the end

std::vector<Connection*> Server::all_open() {
  std::set<Connection*> all;
  std::lock_guard lock(ids_mutex_);
  for (const auto& [id, entry] : ids_) {
    if (entry.connection) all.insert(entry.connection);
  }
  return {all.begin(), all.end()};
}

void Server::drain() {
  using AtEnd = KeptSockets::AtEnd;
  const bool last = KeptSockets::of_process().what_at_end() == AtEnd::close;
  leaving_.store(last ? Mood::refuse : Mood::wait, std::memory_order_relaxed);
  // Whoever looks around from here on sees it.
  connections_.drain(reactor_);
  for (Connection* connection : all_open()) connection->notice();
}

void Server::hand_over() {
  if (draining()) return drain();
  for (auto& endpoint : endpoints_) endpoint->stop_reading();
  for (Connection* connection : all_open()) connection->move_out();
  drain();
}

void Server::wait_begun(TimePoint deadline) {
  std::unique_lock lock(asking_mutex_);
  none_asks_.wait_until(lock, deadline, [&] { return asking_.load() == 0; });
}

void Server::asked() {
  std::lock_guard lock(asking_mutex_);
  if (asking_.fetch_sub(1) == 1) none_asks_.notify_all();
}

void Server::end() {
  for (Connection* connection : all_open()) connection->abort();
  timers_.stop();
  for (auto& endpoint : endpoints_) endpoint->stop();
  std::lock_guard lock(moved_mutex_);
  for (auto& endpoint : moved_) endpoint->stop();
}

// ---- for endpoints

Server::Found Server::find(const Id& id) {
  std::lock_guard lock(ids_mutex_);
  const auto found = ids_.find(id);
  if (found == ids_.end()) return {};
  const Entry& entry = found->second;
  if (!entry.grave) return {.connection = entry.connection};
  // Ever more seldom: who sends on has not understood, or does not want to.
  const bool answers = std::has_single_bit(++entry.grave->visits);
  return {.buried = true, .last_words = answers ? entry.grave->last_words : Batch()};
}

Mood Server::mood() const {
  if (draining()) return leaving_.load(std::memory_order_relaxed);
  if (connections_.count() >= limits_.connections) return Mood::refuse;
  const std::size_t handshakes = this->handshakes();
  if (handshakes >= limits_.handshakes) return Mood::wait;
  return handshakes >= limits_.doubted_handshakes ? Mood::doubt : Mood::open;
}

Connection& Server::new_connection() {
  return connections_.open([this] { return std::make_unique<Connection>(*this); });
}

// ---- for connections

void Server::add(const Id& id, Connection& connection) {
  std::lock_guard lock(ids_mutex_);
  // A client may choose an id that is taken: whoever has it keeps it.
  ids_.try_emplace(id, Entry{&connection, nullptr});
}

void Server::forget(std::span<const Id> ids, const Connection& owner) {
  std::lock_guard lock(ids_mutex_);
  for (const Id& id : ids) {
    const auto found = ids_.find(id);
    if (found != ids_.end() && found->second.connection == &owner) ids_.erase(found);
  }
}

void Server::bury(const std::vector<Id>& ids, const Connection& owner, Batch last_words,
                  TimePoint until) {
  auto grave = std::make_shared<Grave>(
      Grave{.last_words = std::move(last_words), .visits = 0, .ids = ids, .until = until});
  std::lock_guard lock(ids_mutex_);
  for (const Id& id : ids) {
    const auto found = ids_.find(id);
    if (found != ids_.end() && found->second.connection == &owner) found->second = {nullptr, grave};
  }
  graves_.push_back(std::move(grave));
  clear_graves_locked(Clock::now());
}

void Server::clear_graves_locked(TimePoint now) {
  while (!graves_.empty() && (graves_.size() > kMostGraves || graves_.front()->until <= now)) {
    for (const Id& id : graves_.front()->ids) {
      const auto found = ids_.find(id);
      if (found != ids_.end() && found->second.grave == graves_.front()) ids_.erase(found);
    }
    graves_.pop_front();
  }
}

Endpoint* Server::endpoint_of_its_own(const Endpoint& shared, const Address& local,
                                      const Address& remote) {
  auto socket = shared.socket().for_client(local, remote);
  if (!socket) {
    log_.debug("a client of HTTP/3 cannot be taken along, it is sent away",
               log::kv("error", socket.error().message));
    return nullptr;
  }
  Endpoint* endpoint;
  {
    std::lock_guard lock(moved_mutex_);
    moved_.push_back(std::make_unique<Endpoint>(*this, std::move(*socket)));
    endpoint = moved_.back().get();
  }
  return endpoint;
}

}  // namespace rr::net::http3
