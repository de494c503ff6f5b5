#include "runtime/net/http/transaction.h"

#include <string>

#include "runtime/net/http/response.h"

namespace rr::net::http {
namespace {

// A file that goes through a door in pieces.
class Pieces final : public HttpAnswerSink {
 public:
  Pieces(Door& door, Transaction& transaction) : door_(door), transaction_(transaction) {}
  bool inform(const HttpResponseHead& head) override { return door_.inform(transaction_, head); }
  bool respond(const HttpResponseHead& head, PinnedBytes body) override {
    return door_.respond(transaction_, head, body);
  }
  bool start(const HttpResponseHead& head) override { return door_.start(transaction_, head); }
  bool write(PinnedBytes chunk, Wait wait) override {
    return door_.write(transaction_, chunk, wait);
  }
  bool add_trailers(std::span<const HeaderView> fields) override {
    return door_.add_trailers(transaction_, fields);
  }
  bool finish() override { return door_.finish(transaction_); }

 private:
  Door& door_;
  Transaction& transaction_;
};

}  // namespace

bool Door::respond_file(Transaction& transaction, const HttpResponseHead& head, FileBytes body) {
  return Pieces(*this, transaction).respond_file(head, body);
}

bool Door::write_file(Transaction& transaction, FileBytes chunk, Wait wait) {
  return Pieces(*this, transaction).write_file(chunk, wait);
}

bool Transaction::WayOut::inform(const HttpResponseHead& head) {
  return transaction_.door_->inform(transaction_, head);
}
bool Transaction::WayOut::respond(const HttpResponseHead& head, PinnedBytes body) {
  return transaction_.door_->respond(transaction_, head, body);
}
bool Transaction::WayOut::start(const HttpResponseHead& head) {
  return transaction_.door_->start(transaction_, head);
}
bool Transaction::WayOut::write(PinnedBytes chunk, Wait wait) {
  return transaction_.door_->write(transaction_, chunk, wait);
}
bool Transaction::WayOut::add_trailers(std::span<const HeaderView> fields) {
  return transaction_.door_->add_trailers(transaction_, fields);
}
bool Transaction::WayOut::finish() {
  return transaction_.door_->finish(transaction_);
}
bool Transaction::WayOut::respond_file(const HttpResponseHead& head, FileBytes body) {
  return transaction_.door_->respond_file(transaction_, head, body);
}
bool Transaction::WayOut::write_file(FileBytes chunk, Wait wait) {
  return transaction_.door_->write_file(transaction_, chunk, wait);
}

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
template <class Bytes, class Call>
bool Transaction::guarded(bool last, Bytes bytes, Call&& call) {
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
  return guarded(false, [&] { return entry_ ? entry_->inform(head) : door_->inform(*this, head); });
}

bool Transaction::respond(const HttpResponseHead& head, PinnedBytes body) {
  return guarded(true, body, [&] { return send_whole(head, body); });
}

bool Transaction::send_whole(const HttpResponseHead& head, PinnedBytes body) {
  set_status(head.status);
  if (!entry_) return door_->respond(*this, head, body);
  count_given(body.bytes.size());
  return entry_->respond(head, body);
}

bool Transaction::respond_file(const HttpResponseHead& head, FileBytes body) {
  return guarded(true, body, [&] {
    set_status(head.status);
    if (!entry_) return door_->respond_file(*this, head, body);
    count_given(body.length);
    return entry_->respond_file(head, body);
  });
}

bool Transaction::start(const HttpResponseHead& head) {
  return guarded(false, [&] {
    set_status(head.status);
    return entry_ ? entry_->start(head) : door_->start(*this, head);
  });
}

bool Transaction::write(PinnedBytes chunk) {
  return guarded(false, chunk, [&] { return send_piece(chunk, Door::Wait::yes); });
}

bool Transaction::write_no_wait(PinnedBytes chunk) {
  return guarded(false, chunk, [&] { return send_piece(chunk, Door::Wait::no); });
}

bool Transaction::send_piece(PinnedBytes chunk, HttpAnswerSink::Wait wait) {
  if (!entry_) return door_->write(*this, chunk, wait);
  count_given(chunk.bytes.size());
  return entry_->write(chunk, wait);
}

bool Transaction::write_file(FileBytes chunk) {
  return guarded(false, chunk, [&] {
    if (!entry_) return door_->write_file(*this, chunk, Door::Wait::yes);
    count_given(chunk.length);
    return entry_->write_file(chunk, Door::Wait::yes);
  });
}

bool Transaction::add_trailers(std::span<const HeaderView> fields) {
  return guarded(false, [&] {
    return entry_ ? entry_->add_trailers(fields) : door_->add_trailers(*this, fields);
  });
}

bool Transaction::finish() {
  return guarded(true, [&] { return entry_ ? entry_->finish() : door_->finish(*this); });
}

bool Transaction::respond_now(const HttpResponseHead& head, std::string_view body) {
  return send_whole(head, PinnedBytes{body});
}

void Transaction::abandon_stream() {
  entry_ ? entry_->finish() : door_->finish(*this);
}

void Transaction::count_given(std::uint64_t bytes) {
  if (!request_.head.head_method && !forbids_body(status())) body_bytes_sent_ += bytes;
}

bool Transaction::aborted() const {
  return door_ && ((reactor_ && reactor_->broken(handle_)) || door_->gone(*this));
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

void Transaction::attach(Door& door) {
  door_ = &door;
  reactor_ = nullptr;
}

void Transaction::publish(std::string_view body) {
  request_.head = block_.head;
  request_.text = block_.data();
  request_.fields = block_.fields;
  request_.body = body;
}

TextSpan Transaction::append_text(std::string_view text) {
  // A body that came with its head lies in the block, which may move.
  const char* before = block_.data();
  const char* body = request_.body.data();
  const bool inside = body != nullptr && body >= before && body < before + block_.size();
  const TextSpan span = block_.append(text);
  request_.text = block_.data();
  if (inside) {
    request_.body = {block_.data() + (body - before), request_.body.size()};
  }
  return span;
}

HttpField Transaction::append_field(std::string_view name, std::string_view value) {
  // At once: either text may be one of this request's own, which moves.
  std::string both(name);
  both.append(value);
  const TextSpan span = append_text(both);
  const auto size = static_cast<std::uint32_t>(name.size());
  return {{span.offset, size}, {span.offset + size, span.length - size}};
}

void Transaction::add_field(std::string_view name, std::string_view value) {
  block_.fields.push_back(append_field(name, value));
  request_.fields = block_.fields;
}

void Transaction::remove_field(std::string_view name) {
  std::erase_if(block_.fields, [&](const HttpField& field) {
    return equals_ignoring_case(request_(field.name), name);
  });
  request_.fields = block_.fields;
}

void Transaction::add_attribute(std::string_view name, std::string_view value) {
  attributes_.push_back(append_field(name, value));
  request_.attributes = attributes_;
}

void Transaction::set_remote_address(std::string_view address) {
  block_.head.remote_address = append_text(std::string(address));
  block_.head.remote_port = 0;
  request_.head.remote_address = block_.head.remote_address;
  request_.head.remote_port = 0;
}

// Texts are only ever added to: spans stay what they were.
void Transaction::remember_request() {
  remembered_ = {block_.fields, block_.head.remote_address, block_.head.remote_port};
}

void Transaction::begin_again() {
  block_.fields = remembered_.fields;
  block_.head.remote_address = remembered_.remote_address;
  block_.head.remote_port = remembered_.remote_port;
  attributes_.clear();
  request_.attributes = {};
  entry_ = nullptr;
  publish(request_.body);
}

void Transaction::recycle() {
  entry_ = nullptr;
  attributes_.clear();
  request_.attributes = {};
  block_.clear();
  body_.clear();
  request_.fields = {};
  request_.body = {};
  set_status(0);
  body_bytes_sent_ = 0;
  reset_state();
}

}  // namespace rr::net::http
