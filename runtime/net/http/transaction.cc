#include "runtime/net/http/transaction.h"

namespace rr::net::http {

// Runs a call that writes, if this worker still has the exchange.
template <class Call>
bool Transaction::guarded(bool last, Call&& call) {
  if (!begin_write()) return false;
  if (last) ending();
  const bool alive = call();
  end_write(last);
  return alive;
}

// Bytes that nobody wants any more go back to their owner at once.
template <class Call>
bool Transaction::guarded(bool last, PinnedBytes bytes, Call&& call) {
  if (!begin_write()) {
    if (bytes.release) bytes.release(bytes.owner);
    return false;
  }
  if (last) ending();
  const bool alive = call();
  end_write(last);
  return alive;
}

bool Transaction::inform(const HttpResponseHead& head) {
  if (started()) return true;
  return guarded(false, [&] { return door_->inform(*this, head); });
}

bool Transaction::respond(const HttpResponseHead& head, PinnedBytes body) {
  return guarded(true, body, [&] {
    set_status(head.status);
    return door_->respond(*this, head, body);
  });
}

bool Transaction::start(const HttpResponseHead& head) {
  return guarded(false, [&] {
    set_status(head.status);
    return door_->start(*this, head);
  });
}

bool Transaction::write(PinnedBytes chunk) {
  return guarded(false, chunk, [&] { return door_->write(*this, chunk, Door::Wait::yes); });
}

bool Transaction::write_no_wait(PinnedBytes chunk) {
  return guarded(false, chunk, [&] { return door_->write(*this, chunk, Door::Wait::no); });
}

bool Transaction::add_trailers(std::span<const HeaderView> fields) {
  return guarded(false, [&] { return door_->add_trailers(*this, fields); });
}

bool Transaction::finish() {
  return guarded(true, [&] { return door_->finish(*this); });
}

bool Transaction::respond_now(const HttpResponseHead& head, std::string_view body) {
  set_status(head.status);
  return door_->respond(*this, head, PinnedBytes{body});
}

void Transaction::abandon_stream() {
  door_->finish(*this);
}

bool Transaction::aborted() const {
  return reactor_ && (reactor_->broken(handle_) || door_->gone(*this));
}

bool Transaction::congested(void (*resume)(void*), void* context) {
  // Whoever takes the exchange over lets the connection go, which is somebody else's then.
  return guarded(false, [&] { return door_->congested(*this, resume, context); });
}

void Transaction::concluded() {
  door_->concluded(*this);
}

void Transaction::attach(Door& door, Reactor& reactor, Handle handle) {
  door_ = &door;
  reactor_ = &reactor;
  handle_ = handle;
}

void Transaction::publish(std::string_view body) {
  request_.head = block_.head;
  request_.text = block_.data();
  request_.fields = block_.fields;
  request_.body = body;
}

void Transaction::recycle() {
  block_.clear();
  body_.clear();
  request_.fields = {};
  request_.body = {};
  set_status(0);
  body_bytes_sent_ = 0;
  reset_state();
}

}  // namespace rr::net::http
