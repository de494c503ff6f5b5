#include "runtime/net/http2/session.h"

#include <algorithm>
#include <charconv>
#include <chrono>
#include <new>
#include <vector>

#include <nghttp2/nghttp2.h>

namespace rr::net::http2 {
namespace {

constexpr std::int64_t kContinuation = 10;
constexpr std::int64_t kRefused = 5;
constexpr std::int64_t kReset = 20;
constexpr std::int64_t kRequest = 4;  // earned by a complete one
constexpr std::size_t kBytesAPoint = 1024;
constexpr std::size_t kMostContinuations = 128;  // a head of 1 MiB in frames of 16 KiB and a little

nghttp2_nv pair_of(std::string_view name, std::string_view value) {
  // nghttp2 copies both.
  return {reinterpret_cast<std::uint8_t*>(const_cast<char*>(name.data())),
          reinterpret_cast<std::uint8_t*>(const_cast<char*>(value.data())), name.size(),
          value.size(), NGHTTP2_NV_FLAG_NONE};
}

std::vector<nghttp2_nv>& list_of(std::span<const HeaderView> fields) {
  thread_local std::vector<nghttp2_nv> list;
  list.clear();
  for (const HeaderView& field : fields) list.push_back(pair_of(field.name, field.value));
  return list;
}

std::int32_t id_of(const SessionStream& stream) {
  return static_cast<std::int32_t>(stream.id());
}

std::string_view text_of(nghttp2_rcbuf* buffer) {
  const nghttp2_vec bytes = nghttp2_rcbuf_get_buf(buffer);
  return {reinterpret_cast<const char*>(bytes.base), bytes.len};
}

}  // namespace

struct Callbacks {
  static Session& self(void* user) { return *static_cast<Session*>(user); }
  static SessionStream* stream(nghttp2_session* session, std::int32_t id) {
    return static_cast<SessionStream*>(nghttp2_session_get_stream_user_data(session, id));
  }
  static bool begins_request(const nghttp2_frame* frame) {
    return frame->hd.type == NGHTTP2_HEADERS && frame->headers.cat == NGHTTP2_HCAT_REQUEST;
  }
  static void refuse(nghttp2_session* session, std::int32_t id, std::uint32_t code) {
    nghttp2_submit_rst_stream(session, NGHTTP2_FLAG_NONE, id, code);
  }

  static int begin_frame(nghttp2_session*, const nghttp2_frame_hd* head, void* user) {
    Session& session = self(user);
    switch (head->type) {
      case NGHTTP2_HEADERS:
        break;
      case NGHTTP2_CONTINUATION:
        session.pay(kContinuation);
        break;
      case NGHTTP2_DATA:
        if (head->length == 0) session.pay(1);
        break;
      default:
        session.pay(1);
    }
    return session.work_ < 0 ? session.end_calmly() : 0;
  }

  static int begin_headers(nghttp2_session* nghttp2, const nghttp2_frame* frame, void* user) {
    if (!begins_request(frame)) return 0;
    SessionStream* stream = self(user).events_.begin();
    if (!stream) {
      self(user).pay(kRefused);
      refuse(nghttp2, frame->hd.stream_id, NGHTTP2_REFUSED_STREAM);
      return 0;
    }
    stream->set_id(frame->hd.stream_id);
    nghttp2_session_set_stream_user_data(nghttp2, frame->hd.stream_id, stream);
    return 0;
  }

  static int header(nghttp2_session* nghttp2, const nghttp2_frame* frame, nghttp2_rcbuf* name,
                    nghttp2_rcbuf* value, std::uint8_t, void* user) {
    if (!begins_request(frame)) return 0;  // trailers of a request are nobody's
    SessionStream* one = stream(nghttp2, frame->hd.stream_id);
    if (!one || self(user).events_.field(*one, text_of(name), text_of(value))) return 0;
    refuse(nghttp2, frame->hd.stream_id, NGHTTP2_PROTOCOL_ERROR);
    return NGHTTP2_ERR_TEMPORAL_CALLBACK_FAILURE;
  }

  // A name or value that may not be: nghttp2 would leave out the field.
  static int invalid_header(nghttp2_session* nghttp2, const nghttp2_frame* frame,
                            const std::uint8_t*, std::size_t, const std::uint8_t*, std::size_t,
                            std::uint8_t, void*) {
    refuse(nghttp2, frame->hd.stream_id, NGHTTP2_PROTOCOL_ERROR);
    return NGHTTP2_ERR_TEMPORAL_CALLBACK_FAILURE;
  }

  static int frame(nghttp2_session* nghttp2, const nghttp2_frame* frame, void* user) {
    Session& session = self(user);
    SessionStream* one = stream(nghttp2, frame->hd.stream_id);
    if (frame->hd.type == NGHTTP2_RST_STREAM) session.pay(one ? kReset : 1);
    if (!one || (frame->hd.type != NGHTTP2_HEADERS && frame->hd.type != NGHTTP2_DATA)) return 0;
    const bool ends = (frame->hd.flags & NGHTTP2_FLAG_END_STREAM) != 0;
    if (begins_request(frame) && !session.events_.head(*one, !ends)) {
      refuse(nghttp2, frame->hd.stream_id, NGHTTP2_PROTOCOL_ERROR);
      return 0;
    }
    if (ends) {
      session.earn(kRequest);
      session.events_.complete(*one);
    }
    return 0;
  }

  static int data(nghttp2_session* nghttp2, std::uint8_t, std::int32_t id,
                  const std::uint8_t* bytes, std::size_t size, void* user) {
    Session& session = self(user);
    session.earn(static_cast<std::int64_t>(size / kBytesAPoint));
    if (SessionStream* one = stream(nghttp2, id)) {
      session.events_.data(*one, {reinterpret_cast<const char*>(bytes), size});
    }
    return 0;
  }

  static int closed(nghttp2_session* nghttp2, std::int32_t id, std::uint32_t, void* user) {
    if (SessionStream* one = stream(nghttp2, id)) {
      nghttp2_session_set_stream_user_data(nghttp2, id, nullptr);
      self(user).events_.closed(*one);
    }
    return 0;
  }

  // An answer that is complete ends its request: what a client still sends of it is unwanted.
  static int sent(nghttp2_session* nghttp2, const nghttp2_frame* frame, void*) {
    const bool ends = (frame->hd.flags & NGHTTP2_FLAG_END_STREAM) != 0 &&
                      (frame->hd.type == NGHTTP2_HEADERS || frame->hd.type == NGHTTP2_DATA);
    if (ends && nghttp2_session_get_stream_remote_close(nghttp2, frame->hd.stream_id) == 0) {
      refuse(nghttp2, frame->hd.stream_id, NGHTTP2_NO_ERROR);
    }
    return 0;
  }

  static ssize_t body(nghttp2_session* nghttp2, std::int32_t id, std::uint8_t* into,
                      std::size_t room, std::uint32_t* flags, nghttp2_data_source*, void* user) {
    SessionStream* one = stream(nghttp2, id);
    if (!one) return NGHTTP2_ERR_TEMPORAL_CALLBACK_FAILURE;
    const SessionStream::Taken taken = one->take_body(reinterpret_cast<char*>(into), room);
    if (taken.broken) return NGHTTP2_ERR_TEMPORAL_CALLBACK_FAILURE;  // INTERNAL_ERROR
    self(user).earn(1 + static_cast<std::int64_t>(taken.size / kBytesAPoint));
    if (taken.end) {
      *flags |= NGHTTP2_DATA_FLAG_EOF;
      if (const auto trailers = one->take_trailers(); !trailers.empty()) {
        *flags |= NGHTTP2_DATA_FLAG_NO_END_STREAM;
        const auto& list = list_of(trailers);
        nghttp2_submit_trailer(nghttp2, id, list.data(), list.size());
      }
    } else if (taken.size == 0) {
      return NGHTTP2_ERR_DEFERRED;
    }
    return static_cast<ssize_t>(taken.size);
  }

  static const nghttp2_session_callbacks* all() {
    static const nghttp2_session_callbacks* const one = [] {
      nghttp2_session_callbacks* made = nullptr;
      if (nghttp2_session_callbacks_new(&made) != 0) throw std::bad_alloc();
      nghttp2_session_callbacks_set_on_begin_frame_callback(made, begin_frame);
      nghttp2_session_callbacks_set_on_begin_headers_callback(made, begin_headers);
      nghttp2_session_callbacks_set_on_header_callback2(made, header);
      nghttp2_session_callbacks_set_on_invalid_header_callback(made, invalid_header);
      nghttp2_session_callbacks_set_on_frame_recv_callback(made, frame);
      nghttp2_session_callbacks_set_on_data_chunk_recv_callback(made, data);
      nghttp2_session_callbacks_set_on_stream_close_callback(made, closed);
      nghttp2_session_callbacks_set_on_frame_send_callback(made, sent);
      return made;
    }();
    return one;
  }

  static const nghttp2_option* options() {
    static const nghttp2_option* const one = [] {
      nghttp2_option* made = nullptr;
      if (nghttp2_option_new(&made) != 0) throw std::bad_alloc();
      nghttp2_option_set_no_closed_streams(made, 1);
      nghttp2_option_set_max_continuations(made, kMostContinuations);  // ours costs points
      return made;
    }();
    return one;
  }
};

Session::Session(SessionEvents& events, const SessionLimits& limits)
    : events_(events), limits_(limits), work_(limits.work) {
  if (nghttp2_session_server_new2(&session_, Callbacks::all(), this, Callbacks::options()) != 0) {
    throw std::bad_alloc();
  }
  const nghttp2_settings_entry settings[] = {
      {NGHTTP2_SETTINGS_MAX_CONCURRENT_STREAMS, limits.streams},
      {NGHTTP2_SETTINGS_INITIAL_WINDOW_SIZE, limits.window},
      {NGHTTP2_SETTINGS_MAX_FRAME_SIZE, limits.frame},
      {NGHTTP2_SETTINGS_MAX_HEADER_LIST_SIZE, limits.head},
      // The tree of priorities costs work and nobody sends it any more (RFC 9218).
      {NGHTTP2_SETTINGS_NO_RFC7540_PRIORITIES, 1},
  };
  nghttp2_submit_settings(session_, NGHTTP2_FLAG_NONE, settings, std::size(settings));
  nghttp2_session_set_local_window_size(session_, NGHTTP2_FLAG_NONE, 0,
                                        static_cast<std::int32_t>(limits.window));
}

Session::~Session() {
  nghttp2_session_del(session_);
}

void Session::earn(std::int64_t points) {
  work_ = std::min(work_ + points, limits_.work);
}

int Session::end_calmly() {
  nghttp2_session_terminate_session(session_, NGHTTP2_ENHANCE_YOUR_CALM);
  dead_ = true;
  return NGHTTP2_ERR_CALLBACK_FAILURE;
}

bool Session::feed(std::string_view bytes, TimePoint now) {
  if (dead_) return false;
  const auto passed = std::chrono::duration_cast<std::chrono::milliseconds>(now - refilled_);
  if (passed.count() > 0) {
    earn(std::min<std::int64_t>(passed.count(), limits_.work));
    refilled_ = now;
  }
  const ssize_t taken = nghttp2_session_mem_recv(
      session_, reinterpret_cast<const std::uint8_t*>(bytes.data()), bytes.size());
  // No preface: what speaks here is no HTTP/2, and a GOAWAY would tell it nothing.
  if (taken < 0) dead_ = true;
  return !dead_;
}

void Session::produce(ByteBuffer& out, std::size_t enough) {
  while (out.size() < enough) {
    const std::uint8_t* bytes = nullptr;
    const ssize_t size = nghttp2_session_mem_send(session_, &bytes);
    if (size <= 0) {
      dead_ |= size < 0;
      return;
    }
    out.append({reinterpret_cast<const char*>(bytes), static_cast<std::size_t>(size)});
  }
}

bool Session::over() const {
  return dead_ ||
         (nghttp2_session_want_read(session_) == 0 && nghttp2_session_want_write(session_) == 0);
}

void Session::answer(SessionStream& stream, int status, std::span<const HeaderView> fields,
                     bool body) {
  char digits[4];
  const auto end = std::to_chars(digits, digits + sizeof digits, status).ptr;
  auto& list = list_of(fields);
  list.insert(list.begin(), pair_of(":status", {digits, static_cast<std::size_t>(end - digits)}));
  nghttp2_data_provider provider{};
  provider.read_callback = Callbacks::body;
  nghttp2_submit_response(session_, id_of(stream), list.data(), list.size(),
                          body ? &provider : nullptr);
}

void Session::inform(SessionStream& stream, int status, std::span<const HeaderView> fields) {
  char digits[4];
  const auto end = std::to_chars(digits, digits + sizeof digits, status).ptr;
  auto& list = list_of(fields);
  list.insert(list.begin(), pair_of(":status", {digits, static_cast<std::size_t>(end - digits)}));
  nghttp2_submit_headers(session_, NGHTTP2_FLAG_NONE, id_of(stream), nullptr, list.data(),
                         list.size(), nullptr);
}

void Session::more_body(SessionStream& stream) {
  nghttp2_session_resume_data(session_, id_of(stream));
}

void Session::cancel(SessionStream& stream) {
  nghttp2_submit_rst_stream(session_, NGHTTP2_FLAG_NONE, id_of(stream), NGHTTP2_CANCEL);
}

void Session::go_away(ErrorCode code) {
  if (going_) return;
  going_ = true;
  nghttp2_submit_goaway(session_, NGHTTP2_FLAG_NONE,
                        nghttp2_session_get_last_proc_stream_id(session_),
                        static_cast<std::uint32_t>(code), nullptr, 0);
}

}  // namespace rr::net::http2
