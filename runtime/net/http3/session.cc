#include "runtime/net/http3/session.h"

#include <algorithm>
#include <charconv>
#include <chrono>
#include <new>
#include <utility>

#include <nghttp3/nghttp3.h>

#include "runtime/net/http/chars.h"

namespace rr::net::http3 {
namespace {

constexpr std::size_t kChunk = 16 * 1024;
constexpr std::size_t kMostParts = 16;       // of one produce()
constexpr std::size_t kDynamicTable = 4096;  // of field compression, each way
constexpr std::size_t kBlockedStreams = 16;  // heads that may wait for it
constexpr std::int64_t kReset = 20;          // points
constexpr std::int64_t kRequest = 4;         // earned by a complete one
constexpr int kRequestBits = 3;              // of a client's request stream's id: none is set

bool is_request(std::int64_t stream) {
  return (stream & kRequestBits) == 0;
}

nghttp3_nv pair_of(std::string_view name, std::string_view value) {
  // nghttp3 copies both.
  return {reinterpret_cast<std::uint8_t*>(const_cast<char*>(name.data())),
          reinterpret_cast<std::uint8_t*>(const_cast<char*>(value.data())), name.size(),
          value.size(), NGHTTP3_NV_FLAG_NONE};
}

std::vector<nghttp3_nv>& list_of(std::span<const HeaderView> fields) {
  thread_local std::vector<nghttp3_nv> list;
  list.clear();
  for (const HeaderView& field : fields) list.push_back(pair_of(field.name, field.value));
  return list;
}

// The same with the status in front, whose digits are in `storage`.
std::vector<nghttp3_nv>& list_of(int status, std::span<const HeaderView> fields,
                                 std::span<char, 12> storage) {
  const auto end = std::to_chars(storage.data(), storage.data() + storage.size(), status).ptr;
  auto& list = list_of(fields);
  list.insert(list.begin(),
              pair_of(":status", {storage.data(), static_cast<std::size_t>(end - storage.data())}));
  return list;
}

std::string_view text_of(const nghttp3_rcbuf* buffer) {
  const nghttp3_vec bytes = nghttp3_rcbuf_get_buf(buffer);
  return {reinterpret_cast<const char*>(bytes.base), bytes.len};
}

}  // namespace

struct SessionCallbacks {
  using Request = Session::Request;
  static Session& self(void* user) { return *static_cast<Session*>(user); }
  static Request* request(void* stream_user) { return static_cast<Request*>(stream_user); }

  static int begin_head(nghttp3_conn* nghttp3, std::int64_t id, void* user, void*) {
    Session& session = self(user);
    Request& one = session.requests_[id];
    one.id = id;
    one.stream = session.events_.begin();
    if (!one.stream) {
      session.fail_stream(one, NGHTTP3_H3_REQUEST_REJECTED);
    } else {
      one.stream->set_id(id);
    }
    nghttp3_conn_set_stream_user_data(nghttp3, id, &one);
    return 0;
  }

  static int field(nghttp3_conn*, std::int64_t, std::int32_t, nghttp3_rcbuf* name,
                   nghttp3_rcbuf* value, std::uint8_t, void* user, void* stream_user) {
    Request* one = request(stream_user);
    if (!one || one->failed) return 0;
    // nghttp3 leaves out fields with such bytes, but not all of them.
    const std::string_view text = text_of(value);
    const auto* const end = text.data() + text.size();
    if (http::chars::find_control(text.data(), end) != end ||
        !self(user).events_.field(*one->stream, text_of(name), text))
      self(user).fail_stream(*one, NGHTTP3_H3_MESSAGE_ERROR);
    return 0;
  }

  static int end_head(nghttp3_conn*, std::int64_t, int end, void* user, void* stream_user) {
    Request* one = request(stream_user);
    if (!one || one->failed) return 0;
    if (!self(user).events_.head(*one->stream, end == 0))
      self(user).fail_stream(*one, NGHTTP3_H3_MESSAGE_ERROR);
    return 0;
  }

  static int data(nghttp3_conn*, std::int64_t id, const std::uint8_t* bytes, std::size_t size,
                  void* user, void* stream_user) {
    Session& session = self(user);
    session.transport_.consumed(id, size);
    Request* one = request(stream_user);
    if (!one || one->failed) return 0;
    session.events_.data(*one->stream, {reinterpret_cast<const char*>(bytes), size});
    return 0;
  }

  static int consumed(nghttp3_conn*, std::int64_t id, std::size_t size, void* user, void*) {
    self(user).transport_.consumed(id, size);
    return 0;
  }

  static int end(nghttp3_conn*, std::int64_t, void* user, void* stream_user) {
    Request* one = request(stream_user);
    if (!one || one->failed) return 0;
    one->complete = true;
    self(user).earn(kRequest);
    self(user).events_.complete(*one->stream);
    return 0;
  }

  static int closed(nghttp3_conn*, std::int64_t id, std::uint64_t, void* user, void* stream_user) {
    if (!is_request(id)) return 0;
    Session& session = self(user);
    Request* one = request(stream_user);
    SessionStream* const stream = one ? one->stream : nullptr;
    if (one) {
      for (const Session::Chunk& chunk : one->chunks) session.unacknowledged_ -= chunk.size;
      session.requests_.erase(id);
    }
    if (stream) {
      session.events_.closed(*stream);  // then request_done()
    } else {
      session.transport_.allow_request();
    }
    session.feed_starved();
    return 0;
  }

  static int acknowledged(nghttp3_conn*, std::int64_t, std::uint64_t size, void* user,
                          void* stream_user) {
    Request* one = request(stream_user);
    if (!one) return 0;
    one->acknowledged += size;
    while (!one->chunks.empty() && one->acknowledged >= one->chunks.front().size) {
      const std::size_t gone = one->chunks.front().size;
      one->acknowledged -= gone;
      self(user).unacknowledged_ -= gone;
      one->chunks.pop_front();
    }
    self(user).feed_starved();
    return 0;
  }

  static int stop_sending(nghttp3_conn*, std::int64_t id, std::uint64_t code, void* user, void*) {
    self(user).transport_.stop_reading(id, code);
    return 0;
  }
  static int reset_stream(nghttp3_conn*, std::int64_t id, std::uint64_t code, void* user, void*) {
    self(user).transport_.stop_writing(id, code);
    return 0;
  }

  static nghttp3_ssize body(nghttp3_conn*, std::int64_t, nghttp3_vec* parts, std::size_t,
                            std::uint32_t* flags, void* user, void* stream_user) {
    Request* one = request(stream_user);
    if (!one || one->broken) return NGHTTP3_ERR_WOULDBLOCK;
    Session::Part part{};
    const auto count = self(user).take_body(*one, part, *flags);
    *parts = {part.bytes, part.size};
    return count;
  }

  static const nghttp3_callbacks* all() {
    static const nghttp3_callbacks callbacks = [] {
      nghttp3_callbacks made{};
      made.acked_stream_data = acknowledged;
      made.stream_close = closed;
      made.recv_data = data;
      made.deferred_consume = consumed;
      made.begin_headers = begin_head;
      made.recv_header = field;
      made.end_headers = end_head;
      // Trailers of a request are nobody's.
      made.stop_sending = stop_sending;
      made.end_stream = end;
      made.reset_stream = reset_stream;
      return made;
    }();
    return &callbacks;
  }
};

Session::Session(SessionEvents& events, Transport& transport, const SessionLimits& limits)
    : events_(events), transport_(transport), limits_(limits), work_(limits.work) {}

Session::~Session() {
  if (session_) nghttp3_conn_del(session_);
}

bool Session::start(std::int64_t control, std::int64_t encoder, std::int64_t decoder) {
  nghttp3_settings settings;
  nghttp3_settings_default(&settings);
  settings.max_field_section_size = limits_.head;
  settings.qpack_max_dtable_capacity = kDynamicTable;
  settings.qpack_encoder_max_dtable_capacity = kDynamicTable;
  settings.qpack_blocked_streams = kBlockedStreams;
  if (nghttp3_conn_server_new(&session_, SessionCallbacks::all(), &settings, nullptr, this) != 0)
    return false;
  nghttp3_conn_set_max_client_streams_bidi(session_, limits_.streams);
  return nghttp3_conn_bind_control_stream(session_, control) == 0 &&
         nghttp3_conn_bind_qpack_streams(session_, encoder, decoder) == 0;
}

bool Session::fail(int code) {
  error_ = nghttp3_err_infer_quic_app_error_code(code);
  return false;
}

void Session::earn(std::int64_t points) {
  work_ = std::min(work_ + points, limits_.work);
}

bool Session::spend(std::int64_t points, TimePoint now) {
  const auto passed = std::chrono::duration_cast<std::chrono::milliseconds>(now - refilled_);
  if (passed.count() > 0) {
    earn(std::min<std::int64_t>(passed.count(), limits_.work));
    refilled_ = now;
  }
  work_ -= points;
  if (work_ >= 0) return true;
  error_ = NGHTTP3_H3_EXCESSIVE_LOAD;
  return false;
}

Session::Request* Session::find(std::int64_t stream) {
  const auto found = requests_.find(stream);
  return found == requests_.end() ? nullptr : &found->second;
}

// ---- what came

bool Session::feed(std::int64_t stream, std::string_view bytes, bool end) {
  if (Request* one = find(stream); one && one->failed) {
    transport_.consumed(stream, bytes.size());
    return true;
  }
  const auto taken = nghttp3_conn_read_stream(session_, stream,
                                              reinterpret_cast<const std::uint8_t*>(bytes.data()),
                                              bytes.size(), end ? 1 : 0);
  if (taken >= 0) {
    transport_.consumed(stream, static_cast<std::size_t>(taken));
    return true;
  }
  // A request that is none is that stream's affair (RFC 9114 §4.1.2).
  const bool malformed =
      taken == NGHTTP3_ERR_MALFORMED_HTTP_HEADER || taken == NGHTTP3_ERR_MALFORMED_HTTP_MESSAGING;
  Request* one = find(stream);
  if (!malformed || !one) return fail(static_cast<int>(taken));
  transport_.consumed(stream, bytes.size());
  fail_stream(*one, NGHTTP3_H3_MESSAGE_ERROR);
  nghttp3_conn_shutdown_stream_read(session_, stream);
  return true;
}

bool Session::acknowledged(std::int64_t stream, std::uint64_t bytes) {
  const int code = nghttp3_conn_add_ack_offset(session_, stream, bytes);
  return code == 0 || fail(code);
}

bool Session::reset(std::int64_t stream, TimePoint now) {
  const int code = nghttp3_conn_shutdown_stream_read(session_, stream);
  if (code != 0) return fail(code);
  Request* one = find(stream);
  // Half a request is none: an answer would not be wanted either.
  if (!one && is_request(stream)) {
    transport_.stop_writing(stream, NGHTTP3_H3_REQUEST_CANCELLED);
    return spend(1, now);
  }
  if (one && !one->complete && !one->answered) fail_stream(*one, NGHTTP3_H3_REQUEST_CANCELLED);
  return true;
}

bool Session::closed(std::int64_t stream, std::uint64_t code, TimePoint now) {
  const Request* one = find(stream);
  const bool wasted = is_request(stream) && (!one || !one->answered);
  if (const int failed = nghttp3_conn_close_stream(session_, stream, code); failed != 0) {
    if (failed != NGHTTP3_ERR_STREAM_NOT_FOUND) return fail(failed);
    if (is_request(stream)) transport_.allow_request();  // nothing of it was ever read
  }
  return !wasted || spend(kReset, now);
}

void Session::window_opened(std::int64_t stream) {
  nghttp3_conn_unblock_stream(session_, stream);
}

void Session::requests_allowed(std::uint64_t in_all) {
  nghttp3_conn_set_max_client_streams_bidi(session_, in_all);
}

// ---- what is to be sent

bool Session::produce(Output& output) {
  output = {};
  if (parts_.empty()) parts_.resize(kMostParts);
  static_assert(sizeof(Part) == sizeof(nghttp3_vec));
  int end = 0;
  const auto count = nghttp3_conn_writev_stream(
      session_, &output.stream, &end, reinterpret_cast<nghttp3_vec*>(parts_.data()), parts_.size());
  if (count < 0) return fail(static_cast<int>(count));
  output.end = end != 0;
  output.parts = std::span(parts_).first(static_cast<std::size_t>(count));
  return true;
}

bool Session::sent(std::int64_t stream, std::size_t bytes, bool end) {
  const int code = nghttp3_conn_add_write_offset(session_, stream, bytes);
  if (code != 0) return fail(code);
  if (!end) return true;
  Request* one = find(stream);
  if (!one || std::exchange(one->answered, true) || one->complete) return true;
  one->failed = true;
  unwanted_.push_back(stream);
  return true;
}

void Session::window_closed(std::int64_t stream) {
  nghttp3_conn_block_stream(session_, stream);
}

void Session::writing_stopped(std::int64_t stream) {
  nghttp3_conn_shutdown_stream_write(session_, stream);
}

std::ptrdiff_t Session::take_body(Request& request, Part& part, std::uint32_t& flags) {
  if (unacknowledged_ >= limits_.unacknowledged) {
    if (!std::exchange(request.starved, true)) starved_.push_back(request.id);
    return NGHTTP3_ERR_WOULDBLOCK;
  }
  auto bytes = std::make_unique_for_overwrite<char[]>(kChunk);
  const SessionStream::Taken taken = request.stream->take_body(bytes.get(), kChunk);
  if (taken.broken) {
    request.broken = true;
    broken_.push_back(request.id);
    return NGHTTP3_ERR_WOULDBLOCK;
  }
  if (taken.end) {
    flags |= NGHTTP3_DATA_FLAG_EOF;
    if (const auto trailers = request.stream->take_trailers(); !trailers.empty()) {
      flags |= NGHTTP3_DATA_FLAG_NO_END_STREAM;
      const auto& list = list_of(trailers);
      nghttp3_conn_submit_trailers(session_, request.id, list.data(), list.size());
    }
  } else if (taken.size == 0) {
    return NGHTTP3_ERR_WOULDBLOCK;
  }
  if (taken.size == 0) return 0;
  part = {reinterpret_cast<std::uint8_t*>(bytes.get()), taken.size};
  unacknowledged_ += taken.size;
  request.chunks.push_back({std::move(bytes), taken.size});
  return 1;
}

void Session::feed_starved() {
  if (starved_.empty() || unacknowledged_ >= limits_.unacknowledged) return;
  for (const std::int64_t stream : std::exchange(starved_, {})) {
    Request* one = find(stream);
    if (!one) continue;
    one->starved = false;
    nghttp3_conn_resume_stream(session_, stream);
  }
}

bool Session::settle() {
  const auto broken = std::exchange(broken_, {});
  const auto unwanted = std::exchange(unwanted_, {});
  for (const std::int64_t stream : broken) {
    if (Request* one = find(stream)) fail_stream(*one, NGHTTP3_H3_INTERNAL_ERROR);
    nghttp3_conn_shutdown_stream_write(session_, stream);
  }
  for (const std::int64_t stream : unwanted) transport_.stop_reading(stream, NGHTTP3_H3_NO_ERROR);
  return !broken.empty() || !unwanted.empty();
}

void Session::fail_stream(Request& request, std::uint64_t code) {
  request.failed = true;
  if (!request.complete) transport_.stop_reading(request.id, code);
  transport_.stop_writing(request.id, code);
}

// ---- the end

void Session::announce_end() {
  if (!std::exchange(announced_, true)) nghttp3_conn_submit_shutdown_notice(session_);
}

void Session::refuse_requests() {
  if (!std::exchange(refuses_, true)) nghttp3_conn_shutdown(session_);
}

// ---- answers

void Session::answer(SessionStream& stream, int status, std::span<const HeaderView> fields,
                     bool body) {
  char digits[12];
  const auto& list = list_of(status, fields, digits);
  nghttp3_data_reader reader{};
  reader.read_data = SessionCallbacks::body;
  nghttp3_conn_submit_response(session_, stream.id(), list.data(), list.size(),
                               body ? &reader : nullptr);
}

void Session::inform(SessionStream& stream, int status, std::span<const HeaderView> fields) {
  char digits[12];
  const auto& list = list_of(status, fields, digits);
  nghttp3_conn_submit_info(session_, stream.id(), list.data(), list.size());
}

void Session::more_body(SessionStream& stream) {
  nghttp3_conn_resume_stream(session_, stream.id());
}

void Session::cancel(SessionStream& stream) {
  Request* one = find(stream.id());
  if (!one) return;
  fail_stream(*one, NGHTTP3_H3_REQUEST_CANCELLED);
  nghttp3_conn_shutdown_stream_write(session_, stream.id());
}

}  // namespace rr::net::http3
