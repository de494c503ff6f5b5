#include "runtime/net/http3/endpoint.h"

#include <algorithm>
#include <thread>

#include "runtime/net/http3/server.h"

namespace rr::net::http3 {
namespace {

constexpr int kRounds = 4;  // of reading, before others get a turn

UdpSocket::Inbox& inbox() {
  thread_local UdpSocket::Inbox one;
  return one;
}

}  // namespace

Endpoint::Endpoint(Server& server, UdpSocket socket)
    : server_(server), socket_(std::move(socket)), doorkeeper_(server.secrets()) {}

Endpoint::~Endpoint() {
  stop();
}

void Endpoint::start() {
  handle_ = server_.reactor().add(socket_.descriptor(), *this);
  reading_ = true;
  on_ready({});
}

void Endpoint::stop_reading() {
  if (!std::exchange(reading_, false)) return;
  while (!server_.reactor().try_own(handle_)) std::this_thread::yield();
  server_.reactor().close(handle_);
}

void Endpoint::stop() {
  stop_reading();
  socket_.close();
}

void Endpoint::on_ready(Readiness) {
  Deliveries deliveries;
  do {
    read(deliveries);
  } while (!server_.reactor().let_go(handle_));
  for (const auto& [connection, ready] : deliveries) connection->deliver(ready);
}

void Endpoint::read(Deliveries& deliveries) {
  std::vector<Datagram> datagrams;
  for (int round = 0; round < kRounds; ++round) {
    datagrams.clear();
    if (!socket_.receive(inbox(), datagrams)) return;
    dispatch(datagrams, deliveries);
  }
  server_.reactor().report_again(handle_);
}

void Endpoint::dispatch(const std::vector<Datagram>& datagrams, Deliveries& deliveries) {
  const TimePoint now = Clock::now();
  std::vector<std::pair<Connection*, const Datagram*>> known;
  known.reserve(datagrams.size());
  for (const Datagram& datagram : datagrams) {
    const auto id = destination_of(datagram.bytes);
    const Server::Found found = id ? server_.find(*id) : Server::Found{};
    if (found.connection) {
      known.emplace_back(found.connection, &datagram);
    } else if (!found.buried) {
      meet(datagram, now);
    } else if (!found.last_words.bytes.empty()) {
      const Batch& last = found.last_words;
      socket_.send(last.local, last.remote, 0, last.bytes, last.segment);
    }
  }
  std::stable_sort(known.begin(), known.end(),
                   [](const auto& a, const auto& b) { return a.first < b.first; });
  std::vector<const Datagram*> its;
  for (auto at = known.begin(); at != known.end();) {
    Connection* const connection = at->first;
    its.clear();
    for (; at != known.end() && at->first == connection; ++at) its.push_back(at->second);
    deliveries.emplace_back(connection, Connection::ReadyList());
    connection->receive(its, now, deliveries.back().second);
  }
}

void Endpoint::meet(const Datagram& stray, TimePoint now) {
  const Doorkeeper::Verdict verdict = doorkeeper_.judge(stray, server_.mood(), now);
  if (verdict.opening) {
    server_.new_connection().open(*this, *verdict.opening, stray);
  } else if (!verdict.reply.empty()) {
    socket_.send(stray.local, stray.remote, 0, verdict.reply, verdict.reply.size());
  }
}

}  // namespace rr::net::http3
