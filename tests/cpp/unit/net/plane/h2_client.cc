#include "h2_client.h"

#include <algorithm>
#include <cstdlib>
#include <cstring>

#include <nghttp2/nghttp2.h>

namespace rr::net::testing {

struct H2Callbacks {
  static H2Client& self(void* user) { return *static_cast<H2Client*>(user); }

  static int header(nghttp2_session*, const nghttp2_frame* frame, const std::uint8_t* name,
                    std::size_t name_size, const std::uint8_t* value, std::size_t value_size,
                    std::uint8_t, void* user) {
    H2Answer& answer = self(user).answers_[frame->hd.stream_id];
    const std::string field(reinterpret_cast<const char*>(name), name_size);
    std::string text(reinterpret_cast<const char*>(value), value_size);
    if (field == ":status") {
      const int status = std::atoi(text.c_str());
      if (status < 200) {
        answer.interim.push_back(status);
      } else {
        answer.status = status;
      }
    } else if (answer.status != 0) {
      (frame->headers.cat == NGHTTP2_HCAT_HEADERS && !answer.body.empty() ? answer.trailers
                                                                          : answer.fields)
          .emplace(field, std::move(text));
    }
    return 0;
  }
  static int data(nghttp2_session*, std::uint8_t, std::int32_t id, const std::uint8_t* bytes,
                  std::size_t size, void* user) {
    self(user).answers_[id].body.append(reinterpret_cast<const char*>(bytes), size);
    return 0;
  }
  static int frame(nghttp2_session*, const nghttp2_frame* frame, void* user) {
    H2Client& client = self(user);
    if (frame->hd.type == NGHTTP2_GOAWAY)
      client.goaway_ = static_cast<int>(frame->goaway.error_code);
    const bool ends = (frame->hd.flags & NGHTTP2_FLAG_END_STREAM) != 0;
    if (ends && (frame->hd.type == NGHTTP2_HEADERS || frame->hd.type == NGHTTP2_DATA))
      client.answers_[frame->hd.stream_id].complete = true;
    return 0;
  }
  static int closed(nghttp2_session*, std::int32_t id, std::uint32_t code, void* user) {
    H2Answer& answer = self(user).answers_[id];
    if (!answer.complete) answer.reset = static_cast<int>(code);
    self(user).bodies_.erase(id);
    return 0;
  }
  static ssize_t body(nghttp2_session*, std::int32_t id, std::uint8_t* into, std::size_t room,
                      std::uint32_t* flags, nghttp2_data_source*, void* user) {
    H2Client::Body& body = self(user).bodies_[id];
    const std::size_t size = std::min(room, body.bytes.size() - body.sent);
    std::memcpy(into, body.bytes.data() + body.sent, size);
    body.sent += size;
    if (body.sent == body.bytes.size()) *flags |= NGHTTP2_DATA_FLAG_EOF;
    return static_cast<ssize_t>(size);
  }
};

H2Client::H2Client(const std::string& address, Options options)
    : client_(address, [&] {
        if (options.socket.tls) options.socket.tls->protocols = {"h2"};
        return options.socket;
      }()) {
  nghttp2_session_callbacks* callbacks;
  nghttp2_session_callbacks_new(&callbacks);
  nghttp2_session_callbacks_set_on_header_callback(callbacks, H2Callbacks::header);
  nghttp2_session_callbacks_set_on_data_chunk_recv_callback(callbacks, H2Callbacks::data);
  nghttp2_session_callbacks_set_on_frame_recv_callback(callbacks, H2Callbacks::frame);
  nghttp2_session_callbacks_set_on_stream_close_callback(callbacks, H2Callbacks::closed);
  nghttp2_option* option;
  nghttp2_option_new(&option);
  nghttp2_option_set_no_http_messaging(option, 1);  // malformed requests are asked for
  nghttp2_option_set_no_auto_window_update(option, options.update_windows ? 0 : 1);
  nghttp2_option_set_max_send_header_block_length(option, 16 << 20);
  nghttp2_session_client_new2(&session_, callbacks, this, option);
  nghttp2_option_del(option);
  nghttp2_session_callbacks_del(callbacks);
  const nghttp2_settings_entry settings[] = {
      {NGHTTP2_SETTINGS_INITIAL_WINDOW_SIZE,
       static_cast<std::uint32_t>(options.window ? options.window : 65535)}};
  nghttp2_submit_settings(session_, NGHTTP2_FLAG_NONE, settings, 1);
}

H2Client::~H2Client() {
  nghttp2_session_del(session_);
}

std::int32_t H2Client::request(std::string_view method, std::string_view path, const Fields& fields,
                               std::string body) {
  Fields all{{":method", std::string(method)},
             {":scheme", client_.tls() ? "https" : "http"},
             {":authority", "x"},
             {":path", std::string(path)}};
  all.insert(all.end(), fields.begin(), fields.end());
  return raw_request(all, std::move(body));
}

std::int32_t H2Client::raw_request(const Fields& fields, std::string body) {
  std::vector<nghttp2_nv> list;
  const auto bytes = [](const std::string& text) {
    return reinterpret_cast<std::uint8_t*>(const_cast<char*>(text.data()));
  };
  for (const auto& [name, value] : fields)
    list.push_back({bytes(name), bytes(value), name.size(), value.size(), NGHTTP2_NV_FLAG_NONE});
  nghttp2_data_provider provider{};
  provider.read_callback = H2Callbacks::body;
  const std::int32_t id = nghttp2_submit_request(session_, nullptr, list.data(), list.size(),
                                                 body.empty() ? nullptr : &provider, nullptr);
  if (!body.empty()) bodies_[id].bytes = std::move(body);
  answers_[id];
  return id;
}

void H2Client::reset(std::int32_t stream, std::uint32_t code) {
  nghttp2_submit_rst_stream(session_, NGHTTP2_FLAG_NONE, stream, code);
}

void H2Client::open_window(std::int32_t stream, std::int32_t bytes) {
  nghttp2_submit_window_update(session_, NGHTTP2_FLAG_NONE, stream, bytes);
  nghttp2_submit_window_update(session_, NGHTTP2_FLAG_NONE, 0, bytes);
}

void H2Client::collect() {
  const std::uint8_t* bytes;
  ssize_t size;
  while ((size = nghttp2_session_mem_send(session_, &bytes)) > 0)
    client_.send({reinterpret_cast<const char*>(bytes), static_cast<std::size_t>(size)});
}

bool H2Client::step() {
  collect();
  const bool alive = client_.step();
  const std::string input = client_.take();
  const ssize_t read = nghttp2_session_mem_recv(
      session_, reinterpret_cast<const std::uint8_t*>(input.data()), input.size());
  if (read < 0) trouble_ = nghttp2_strerror(static_cast<int>(read));
  collect();
  return alive;
}

void H2Client::poke() {
  client_.set_limit(std::chrono::milliseconds(1));
  step();
  client_.set_limit(std::chrono::seconds(30));
}

const H2Answer* H2Client::wait(std::int32_t stream) {
  while (!answers_[stream].over()) {
    if (!step() && !answers_[stream].over()) return nullptr;
  }
  return &answers_[stream];
}

void H2Client::run_to_end() {
  while (step()) {
  }
}

void H2Client::send_raw(std::string_view bytes) {
  collect();
  client_.send(bytes);
}

std::uint32_t H2Client::setting(int id) const {
  return nghttp2_session_get_remote_settings(session_, static_cast<nghttp2_settings_id>(id));
}

std::string H2Client::state() const {
  const auto n = [](auto value) { return std::to_string(value); };
  return trouble_ + " wants read " + n(nghttp2_session_want_read(session_)) + " write " +
         n(nghttp2_session_want_write(session_)) + ", windows: connection " +
         n(nghttp2_session_get_effective_local_window_size(session_)) + " got " +
         n(nghttp2_session_get_effective_recv_data_length(session_));
}

std::string H2Client::state(std::int32_t stream) const {
  const auto n = [](auto value) { return std::to_string(value); };
  return state() + ", stream " +
         n(nghttp2_session_get_stream_effective_local_window_size(session_, stream)) + " got " +
         n(nghttp2_session_get_stream_effective_recv_data_length(session_, stream));
}

}  // namespace rr::net::testing
