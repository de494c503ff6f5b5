#include "runtime/net/http3/connection.h"

#include <algorithm>
#include <utility>

#include "runtime/net/http3/endpoint.h"
#include "runtime/net/http3/server.h"
#include "runtime/net/resolve.h"

namespace rr::net::http3 {
namespace {

// A full socket buffer empties at the speed of the network.
constexpr Duration kRetry = std::chrono::milliseconds(1);

// Between the announcement that no more requests are wanted and their refusal: a round trip, and
// for a client that has just come the time to send its first.
constexpr Duration kShortestNotice = std::chrono::milliseconds(200);
constexpr Duration kLongestNotice = std::chrono::seconds(1);

Batch& scratch() {
  thread_local Batch one;
  return one;
}

}  // namespace

Connection::Connection(Server& server)
    : server_(server), streams_(*this, server.handler(), server.limits(), HttpVersion::http3) {}

void Connection::open(Endpoint& endpoint, const Opening& opening, const Datagram& first) {
  const TimePoint now = Clock::now();
  streams_.enter();  // who answered the last request of a former client may still look in
  endpoint_ = &endpoint;
  peer_ = peer_of(opening.remote.any, opening.local.any);
  kept_alive_ = false;
  refuse_at_ = look_at_ = TimePoint::max();
  shaking_hands_ = true;
  server_.handshake_begun();
  asks_ = true;
  server_.asking();
  quic_ = Quic::accept(opening, server_.credentials(), *this, streams_.events(),
                       server_.quic_limits(), now);
  const bool accepted = quic_ != nullptr;
  if (accepted) {
    streams_.open(quic_->session(), peer_, true, nullptr, {});
    quic_->feed(first, now);
    pass();
  } else {
    handshake_done();
    ask_no_more();
    server_.forget(std::exchange(ids_, {}), *this);
  }
  if (streams_.leave() || !accepted) finished();
}

void Connection::receive(std::span<const Datagram* const> datagrams, TimePoint now,
                         ReadyList& ready) {
  streams_.enter();
  if (quic_) {
    for (const Datagram* each : datagrams) quic_->feed(*each, now);
    pass();
  }
  streams_.take_ready(ready);
  if (!ready.empty()) undelivered_.fetch_add(1);
  if (streams_.leave()) finished();
}

void Connection::deliver(const ReadyList& ready) {
  streams_.deliver(ready);
  if (!ready.empty()) undelivered_.fetch_sub(1);
  streams_.pump();
}

void Connection::on_timer(TimePoint now) {
  ReadyList ready;
  streams_.enter();
  if (quic_) {
    quic_->expire(now);
    if (now >= look_at_) look_after_streams(now);
    pass();
  }
  streams_.take_ready(ready);
  if (!ready.empty()) undelivered_.fetch_add(1);
  if (streams_.leave()) return finished();
  deliver(ready);
}

void Connection::notice() {
  on_timer(Clock::now());
}

void Connection::finished() {
  server_.closed(*this);
}

// ---- who has the turn

void Connection::pass() {
  streams_.take_inbox();
  if (!quic_) return;
  const TimePoint now = Clock::now();
  flush(now);
  wind_up(now);
  if (quic_->end() != Quic::End::none) return close(now);
  if (kept_alive_ != !streams_.idle()) {
    kept_alive_ = !kept_alive_;
    quic_->keep_alive(kept_alive_);
  }
  set_timer(now);
}

void Connection::flush(TimePoint now) {
  if (!unsent_.bytes.empty()) {
    if (now < retry_at_ || !send(unsent_)) return;
    unsent_ = {};
  }
  Batch& batch = scratch();
  while (quic_->produce(batch, now)) {
    if (send(batch)) continue;
    unsent_ = batch;
    return;
  }
}

// False: not now.
bool Connection::send(const Batch& batch) {
  if (endpoint_->socket().send(batch.local, batch.remote, batch.ecn, batch.bytes, batch.segment) !=
      UdpSocket::Sent::blocked) {
    return true;
  }
  retry_at_ = Clock::now() + kRetry;
  return false;
}

// A server that drains says so first: what a client sends before it has heard of it is served, too.
void Connection::wind_up(TimePoint now) {
  if (!server_.draining() || quic_->end() != Quic::End::none) return;
  Session& session = quic_->session();
  if (!session.started()) {
    // It has asked for nothing yet. Where others listen next it may begin there.
    return server_.mood() == Mood::wait ? quic_->abandon() : quic_->close();
  }
  if (refuse_at_ == TimePoint::max()) {
    refuse_at_ = now + std::clamp<Duration>(quic_->round_trip(), kShortestNotice, kLongestNotice);
    session.announce_end();
    flush(now);
  }
  if (now >= refuse_at_ && !session.refuses()) {
    session.refuse_requests();
    flush(now);
  }
  if (session.refuses() && undelivered_.load() == 0 && !streams_.has_ready()) ask_no_more();
  if (session.refuses() && streams_.empty() && streams_.idle()) quic_->close();
}

void Connection::look_after_streams(TimePoint now) {
  look_at_ = TimePoint::max();
  if (!streams_.expire(now)) quic_->close();
}

void Connection::set_timer(TimePoint now) {
  if (streams_.empty()) {
    look_at_ = TimePoint::max();
  } else if (look_at_ == TimePoint::max()) {
    look_at_ = now + streams_.expiry_step();
  }
  TimePoint when = std::min(look_at_, unsent_.bytes.empty() ? quic_->expiry() : retry_at_);
  if (server_.draining() && !quic_->session().refuses()) when = std::min(when, refuse_at_);
  if (asks_ && quic_->session().refuses()) when = std::min<TimePoint>(when, now + kRetry);
  server_.timers().set(*this, when);
}

void Connection::close(TimePoint now) {
  Batch last;
  const bool told = quic_->last_packet(last, now);
  if (told) send(last);
  unsent_ = {};
  if (shaking_hands_) handshake_done();
  ask_no_more();
  streams_.shut();
  server_.bury(std::exchange(ids_, {}), *this, told ? std::move(last) : Batch(),
               now + quic_->afterlife());
  quic_.reset();
}

void Connection::ask_no_more() {
  if (std::exchange(asks_, false)) server_.asked();
}

void Connection::abort() {
  streams_.enter();
  if (quic_) {
    quic_->close();
    close(Clock::now());
  }
  if (streams_.leave()) finished();
}

void Connection::move_out() {
  Endpoint* own = nullptr;
  streams_.enter();
  if (quic_) {
    own = server_.endpoint_of_its_own(*endpoint_, quic_->local(), quic_->remote());
    if (own) {
      endpoint_ = own;
    } else {
      quic_->close();
    }
    pass();
  }
  if (streams_.leave()) finished();
  if (own) own->start();
}

// ---- QuicHost

void Connection::add_id(const Id& id) {
  ids_.push_back(id);
  server_.add(id, *this);
}

void Connection::remove_id(const Id& id) {
  std::erase(ids_, id);
  server_.forget({&id, 1}, *this);
}

void Connection::handshake_done() {
  if (std::exchange(shaking_hands_, false)) server_.handshake_ended();
}

const Secrets& Connection::secrets() const {
  return server_.secrets();
}

}  // namespace rr::net::http3
