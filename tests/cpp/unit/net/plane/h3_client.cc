#include "h3_client.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <stdexcept>

#include <gnutls/crypto.h>
#include <gnutls/gnutls.h>
#include <gnutls/x509.h>
#include <nghttp3/nghttp3.h>
#include <ngtcp2/ngtcp2.h>
#include <ngtcp2/ngtcp2_crypto.h>
#include <ngtcp2/ngtcp2_crypto_gnutls.h>

namespace rr::net::testing {
namespace {

using namespace std::chrono_literals;

constexpr auto kPatience = 30s;
constexpr std::size_t kPacket = 1452;

ngtcp2_tstamp now() {
  return static_cast<ngtcp2_tstamp>(std::chrono::duration_cast<std::chrono::nanoseconds>(
                                        std::chrono::steady_clock::now().time_since_epoch())
                                        .count());
}

sockaddr_in address_of(const std::string& text) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  const auto colon = text.rfind(':');
  inet_pton(AF_INET, text.substr(0, colon).c_str(), &address.sin_addr);
  address.sin_port = htons(static_cast<std::uint16_t>(std::stoi(text.substr(colon + 1))));
  return address;
}

std::string_view view(const std::uint8_t* bytes, std::size_t size) {
  return {reinterpret_cast<const char*>(bytes), size};
}

// Not send(2), which jitter.h makes short: a datagram would be none any more.
void put(int socket, const std::uint8_t* packet, ngtcp2_ssize size) {
  [[maybe_unused]] const auto written = ::write(socket, packet, static_cast<std::size_t>(size));
}

}  // namespace

struct H3Client::Parts {
  gnutls_certificate_credentials_t credentials = nullptr;
  gnutls_session_t tls = nullptr;
  ngtcp2_conn* quic = nullptr;
  nghttp3_conn* http = nullptr;
  ngtcp2_crypto_conn_ref reference{};
  sockaddr_in local{};
  sockaddr_in remote{};
  ngtcp2_path path() {
    return {{reinterpret_cast<sockaddr*>(&local), sizeof local},
            {reinterpret_cast<sockaddr*>(&remote), sizeof remote},
            nullptr};
  }
  ~Parts() {
    if (http) nghttp3_conn_del(http);
    if (quic) ngtcp2_conn_del(quic);
    if (tls) gnutls_deinit(tls);
    if (credentials) gnutls_certificate_free_credentials(credentials);
  }
};

struct H3Callbacks {
  static H3Client& self(void* user) { return *static_cast<H3Client*>(user); }

  // ---- QUIC
  static int data(ngtcp2_conn* quic, std::uint32_t flags, std::int64_t stream, std::uint64_t,
                  const std::uint8_t* bytes, std::size_t size, void* user, void*) {
    H3Client& client = self(user);
    const auto taken = nghttp3_conn_read_stream(client.parts_->http, stream, bytes, size,
                                                flags & NGTCP2_STREAM_DATA_FLAG_FIN);
    if (taken < 0) return NGTCP2_ERR_CALLBACK_FAILURE;
    consumed(client, stream, static_cast<std::size_t>(taken));
    return 0;
  }
  static void consumed(H3Client& client, std::int64_t stream, std::size_t size) {
    if (!client.options_.update_windows && ngtcp2_is_bidi_stream(stream)) return;
    ngtcp2_conn_extend_max_stream_offset(client.parts_->quic, stream, size);
    ngtcp2_conn_extend_max_offset(client.parts_->quic, size);
  }
  static int acked(ngtcp2_conn*, std::int64_t stream, std::uint64_t, std::uint64_t size, void* user,
                   void*) {
    return nghttp3_conn_add_ack_offset(self(user).parts_->http, stream, size) == 0
               ? 0
               : NGTCP2_ERR_CALLBACK_FAILURE;
  }
  static int closed(ngtcp2_conn*, std::uint32_t flags, std::int64_t stream, std::uint64_t code,
                    void* user, void*) {
    H3Client& client = self(user);
    if ((flags & NGTCP2_STREAM_CLOSE_FLAG_APP_ERROR_CODE_SET) == 0) code = 0;
    // One whose head waits for the compression's table ends later.
    if (nghttp3_conn_close_stream(client.parts_->http, stream, code) != 0)
      over(client, stream, code);
    return 0;
  }
  static void over(H3Client& client, std::int64_t stream, std::uint64_t code) {
    H3Answer* one = answer(client, stream);
    if (one && !one->over()) one->reset = static_cast<int>(code);
  }
  static int stream_over(nghttp3_conn*, std::int64_t stream, std::uint64_t code, void* user,
                         void*) {
    over(self(user), stream, code);
    return 0;
  }
  static int reset(ngtcp2_conn*, std::int64_t stream, std::uint64_t, std::uint64_t code, void* user,
                   void*) {
    H3Client& client = self(user);
    if (const auto found = client.numbers_.find(stream); found != client.numbers_.end()) {
      H3Answer& answer = client.answers_[found->second];
      if (!answer.complete) answer.reset = static_cast<int>(code);
    }
    nghttp3_conn_shutdown_stream_read(client.parts_->http, stream);
    return 0;
  }
  static int window(ngtcp2_conn*, std::int64_t stream, std::uint64_t, void* user, void*) {
    if (self(user).parts_->http) nghttp3_conn_unblock_stream(self(user).parts_->http, stream);
    return 0;
  }
  static int key(ngtcp2_conn* quic, ngtcp2_crypto_level level, void* user) {
    H3Client& client = self(user);
    if (level != NGTCP2_CRYPTO_LEVEL_APPLICATION || client.parts_->http) return 0;
    std::int64_t streams[3];
    for (auto& stream : streams) {
      if (ngtcp2_conn_open_uni_stream(quic, &stream, nullptr) != 0)
        return NGTCP2_ERR_CALLBACK_FAILURE;
    }
    nghttp3_callbacks callbacks{};
    callbacks.recv_data = body;
    callbacks.stream_close = stream_over;
    callbacks.deferred_consume = deferred;
    callbacks.recv_header = field;
    callbacks.recv_trailer = trailer;
    callbacks.end_stream = end;
    callbacks.stop_sending = stop_sending;
    callbacks.reset_stream = reset_stream;
    callbacks.shutdown = shutdown;
    nghttp3_settings settings;
    nghttp3_settings_default(&settings);
    settings.qpack_max_dtable_capacity = 4096;
    settings.qpack_blocked_streams = 100;
    nghttp3_conn_client_new(&client.parts_->http, &callbacks, &settings, nullptr, user);
    nghttp3_conn_bind_control_stream(client.parts_->http, streams[0]);
    nghttp3_conn_bind_qpack_streams(client.parts_->http, streams[1], streams[2]);
    return 0;
  }
  static int secured(ngtcp2_conn*, void* user) {
    self(user).secured_ = true;
    return 0;
  }
  static int token(ngtcp2_conn*, const ngtcp2_vec* token, void* user) {
    self(user).new_token_ = view(token->base, token->len);
    return 0;
  }
  static int retry(ngtcp2_conn* quic, const ngtcp2_pkt_hd* head, void* user) {
    self(user).retried_ = true;
    return ngtcp2_crypto_recv_retry_cb(quic, head, user);
  }
  static int forgotten(ngtcp2_conn*, const ngtcp2_pkt_stateless_reset*, void* user) {
    self(user).stateless_reset_ = true;
    return 0;
  }
  static void random(std::uint8_t* into, std::size_t size, const ngtcp2_rand_ctx*) {
    gnutls_rnd(GNUTLS_RND_NONCE, into, size);
  }
  static int new_id(ngtcp2_conn*, ngtcp2_cid* id, std::uint8_t* token, std::size_t size, void*) {
    id->datalen = size;
    gnutls_rnd(GNUTLS_RND_NONCE, id->data, size);
    gnutls_rnd(GNUTLS_RND_NONCE, token, NGTCP2_STATELESS_RESET_TOKENLEN);
    return 0;
  }

  // ---- HTTP
  static H3Answer* answer(H3Client& client, std::int64_t stream) {
    const auto found = client.numbers_.find(stream);
    return found == client.numbers_.end() ? nullptr : &client.answers_[found->second];
  }
  static int field(nghttp3_conn*, std::int64_t stream, std::int32_t, nghttp3_rcbuf* name,
                   nghttp3_rcbuf* value, std::uint8_t, void* user, void*) {
    H3Answer* one = answer(self(user), stream);
    if (!one) return 0;
    const auto n = nghttp3_rcbuf_get_buf(name);
    const auto v = nghttp3_rcbuf_get_buf(value);
    const std::string key(view(n.base, n.len));
    std::string text(view(v.base, v.len));
    if (key == ":status") {
      const int status = std::atoi(text.c_str());
      if (status < 200) {
        one->interim.push_back(status);
      } else {
        one->status = status;
      }
    } else if (one->status != 0) {
      one->fields.emplace(key, std::move(text));
    }
    return 0;
  }
  static int trailer(nghttp3_conn*, std::int64_t stream, std::int32_t, nghttp3_rcbuf* name,
                     nghttp3_rcbuf* value, std::uint8_t, void* user, void*) {
    H3Answer* one = answer(self(user), stream);
    if (!one) return 0;
    const auto n = nghttp3_rcbuf_get_buf(name);
    const auto v = nghttp3_rcbuf_get_buf(value);
    one->trailers.emplace(std::string(view(n.base, n.len)), std::string(view(v.base, v.len)));
    return 0;
  }
  static int body(nghttp3_conn*, std::int64_t stream, const std::uint8_t* bytes, std::size_t size,
                  void* user, void*) {
    if (H3Answer* one = answer(self(user), stream)) one->body += view(bytes, size);
    consumed(self(user), stream, size);
    return 0;
  }
  static int deferred(nghttp3_conn*, std::int64_t stream, std::size_t size, void* user, void*) {
    consumed(self(user), stream, size);
    return 0;
  }
  static int end(nghttp3_conn*, std::int64_t stream, void* user, void*) {
    if (H3Answer* one = answer(self(user), stream)) one->complete = true;
    return 0;
  }
  static int stop_sending(nghttp3_conn*, std::int64_t stream, std::uint64_t code, void* user,
                          void*) {
    ngtcp2_conn_shutdown_stream_read(self(user).parts_->quic, stream, code);
    return 0;
  }
  static int reset_stream(nghttp3_conn*, std::int64_t stream, std::uint64_t code, void* user,
                          void*) {
    ngtcp2_conn_shutdown_stream_write(self(user).parts_->quic, stream, code);
    return 0;
  }
  static int shutdown(nghttp3_conn*, std::int64_t, void* user) {
    self(user).going_away_ = true;
    return 0;
  }
  static nghttp3_ssize read(nghttp3_conn*, std::int64_t stream, nghttp3_vec* parts, std::size_t,
                            std::uint32_t* flags, void* user, void*) {
    H3Client& client = self(user);
    H3Client::Body& body = client.bodies_[client.numbers_[stream]];
    const std::size_t size = body.bytes.size() - body.given;
    if (size == 0 && body.open) return NGHTTP3_ERR_WOULDBLOCK;
    parts[0] = {reinterpret_cast<std::uint8_t*>(body.bytes.data() + body.given), size};
    body.given += size;
    if (!body.open) *flags |= NGHTTP3_DATA_FLAG_EOF;
    return size > 0 ? 1 : 0;
  }
};

H3Client::H3Client(const std::string& address, Options options)
    : options_(std::move(options)), parts_(std::make_unique<Parts>()) {
  connect(address);
}

H3Client::~H3Client() {
  close();
  if (socket_ >= 0) ::close(socket_);
}

void H3Client::connect(const std::string& address) {
  parts_->remote = address_of(address);
  move();
  gnutls_certificate_allocate_credentials(&parts_->credentials);
  if (options_.own) {
    const auto datum = [](const std::string& text) {
      return gnutls_datum_t{reinterpret_cast<unsigned char*>(const_cast<char*>(text.data())),
                            static_cast<unsigned>(text.size())};
    };
    const auto cert = datum(options_.own->cert_pem);
    const auto key = datum(options_.own->key_pem);
    gnutls_certificate_set_x509_key_mem(parts_->credentials, &cert, &key, GNUTLS_X509_FMT_PEM);
  }
  // Its certificate is sent whoever the server trusts.
  gnutls_init(&parts_->tls, GNUTLS_CLIENT | GNUTLS_FORCE_CLIENT_CERT);
  gnutls_priority_set_direct(parts_->tls,
                             "NORMAL:-VERS-ALL:+VERS-TLS1.3:%DISABLE_TLS13_COMPAT_MODE", nullptr);
  gnutls_credentials_set(parts_->tls, GNUTLS_CRD_CERTIFICATE, parts_->credentials);
  gnutls_server_name_set(parts_->tls, GNUTLS_NAME_DNS, options_.host.data(), options_.host.size());
  const gnutls_datum_t protocol{
      reinterpret_cast<unsigned char*>(const_cast<char*>(options_.protocol.data())),
      static_cast<unsigned>(options_.protocol.size())};
  gnutls_alpn_set_protocols(parts_->tls, &protocol, 1, 0);
  ngtcp2_crypto_gnutls_configure_client_session(parts_->tls);
  parts_->reference.user_data = this;
  parts_->reference.get_conn = [](ngtcp2_crypto_conn_ref* reference) {
    return static_cast<H3Client*>(reference->user_data)->parts_->quic;
  };
  gnutls_session_set_ptr(parts_->tls, &parts_->reference);

  ngtcp2_callbacks callbacks{};
  callbacks.client_initial = ngtcp2_crypto_client_initial_cb;
  callbacks.recv_crypto_data = ngtcp2_crypto_recv_crypto_data_cb;
  callbacks.handshake_completed = H3Callbacks::secured;
  callbacks.encrypt = ngtcp2_crypto_encrypt_cb;
  callbacks.decrypt = ngtcp2_crypto_decrypt_cb;
  callbacks.hp_mask = ngtcp2_crypto_hp_mask_cb;
  callbacks.recv_stream_data = H3Callbacks::data;
  callbacks.acked_stream_data_offset = H3Callbacks::acked;
  callbacks.stream_close = H3Callbacks::closed;
  callbacks.stream_reset = H3Callbacks::reset;
  callbacks.recv_retry = H3Callbacks::retry;
  callbacks.rand = H3Callbacks::random;
  callbacks.get_new_connection_id = H3Callbacks::new_id;
  callbacks.update_key = ngtcp2_crypto_update_key_cb;
  callbacks.extend_max_stream_data = H3Callbacks::window;
  callbacks.delete_crypto_aead_ctx = ngtcp2_crypto_delete_crypto_aead_ctx_cb;
  callbacks.delete_crypto_cipher_ctx = ngtcp2_crypto_delete_crypto_cipher_ctx_cb;
  callbacks.get_path_challenge_data = ngtcp2_crypto_get_path_challenge_data_cb;
  callbacks.version_negotiation = ngtcp2_crypto_version_negotiation_cb;
  callbacks.recv_rx_key = H3Callbacks::key;
  callbacks.recv_new_token = H3Callbacks::token;
  callbacks.recv_stateless_reset = H3Callbacks::forgotten;

  ngtcp2_settings settings;
  ngtcp2_settings_default(&settings);
  settings.initial_ts = now();
  settings.max_tx_udp_payload_size = kPacket;
  settings.token = {reinterpret_cast<std::uint8_t*>(const_cast<char*>(options_.token.data())),
                    options_.token.size()};
  ngtcp2_transport_params params;
  ngtcp2_transport_params_default(&params);
  params.initial_max_stream_data_bidi_local = options_.window;
  params.initial_max_stream_data_uni = 256 * 1024;
  params.initial_max_data = options_.update_windows ? options_.window * 4 : 1 << 30;
  params.initial_max_streams_uni = 8;
  params.max_idle_timeout = 60 * NGTCP2_SECONDS;
  params.active_connection_id_limit = 7;
  ngtcp2_cid ours, theirs;
  ours.datalen = theirs.datalen = 17;
  gnutls_rnd(GNUTLS_RND_NONCE, ours.data, ours.datalen);
  gnutls_rnd(GNUTLS_RND_NONCE, theirs.data, theirs.datalen);
  const ngtcp2_path path = parts_->path();
  if (ngtcp2_conn_client_new(&parts_->quic, &theirs, &ours, &path, NGTCP2_PROTO_VER_V1, &callbacks,
                             &settings, &params, nullptr, this) != 0) {
    throw std::runtime_error("ngtcp2_conn_client_new");
  }
  ngtcp2_conn_set_tls_native_handle(parts_->quic, parts_->tls);
}

void H3Client::move() {
  if (socket_ >= 0) ::close(socket_);
  socket_ = ::socket(AF_INET, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  if (::connect(socket_, reinterpret_cast<sockaddr*>(&parts_->remote), sizeof parts_->remote) != 0)
    throw std::runtime_error("connect");
  socklen_t size = sizeof parts_->local;
  getsockname(socket_, reinterpret_cast<sockaddr*>(&parts_->local), &size);
  if (!parts_->quic) return;
  const ngtcp2_path path = parts_->path();
  if (ngtcp2_conn_initiate_immediate_migration(parts_->quic, &path, now()) != 0)
    throw std::runtime_error("migration");
}

// ---- requests

int H3Client::request(std::string_view method, std::string_view path, const Fields& fields,
                      std::string body) {
  Fields all{{":method", std::string(method)},
             {":scheme", "https"},
             {":authority", "x"},
             {":path", std::string(path)}};
  all.insert(all.end(), fields.begin(), fields.end());
  return raw_request(all, std::move(body));
}

int H3Client::raw_request(const Fields& fields, std::string body) {
  const int number = next_++;
  answers_[number];
  bodies_[number].bytes = std::move(body);
  wanted_.push_back({number, fields});
  begin_waiting();
  return number;
}

int H3Client::open_request(std::string_view method, std::string_view path, std::string body) {
  const int number = next_;
  bodies_[number].open = true;
  return request(method, path, {}, std::move(body));
}

void H3Client::begin_waiting() {
  if (!parts_->http) return;
  while (!wanted_.empty()) {
    std::int64_t stream;
    if (ngtcp2_conn_open_bidi_stream(parts_->quic, &stream, nullptr) != 0) return;
    const Wanted wanted = std::move(wanted_.front());
    wanted_.erase(wanted_.begin());
    numbers_[stream] = wanted.number;
    streams_[wanted.number] = stream;
    std::vector<nghttp3_nv> list;
    for (const auto& [name, value] : wanted.fields) {
      list.push_back({reinterpret_cast<std::uint8_t*>(const_cast<char*>(name.data())),
                      reinterpret_cast<std::uint8_t*>(const_cast<char*>(value.data())), name.size(),
                      value.size(), NGHTTP3_NV_FLAG_NONE});
    }
    nghttp3_data_reader reader{};
    reader.read_data = H3Callbacks::read;
    const Body& body = bodies_[wanted.number];
    nghttp3_conn_submit_request(parts_->http, stream, list.data(), list.size(),
                                body.bytes.empty() && !body.open ? nullptr : &reader, nullptr);
  }
}

void H3Client::reset(int request, std::uint64_t code) {
  if (!streams_.contains(request)) return;
  ngtcp2_conn_shutdown_stream(parts_->quic, streams_[request], code);
  nghttp3_conn_shutdown_stream_write(parts_->http, streams_[request]);
}

void H3Client::stop_reading(int request, std::uint64_t code) {
  ngtcp2_conn_shutdown_stream_read(parts_->quic, streams_[request], code);
}

void H3Client::open_window(int request, std::uint64_t bytes) {
  ngtcp2_conn_extend_max_stream_offset(parts_->quic, streams_[request], bytes);
  ngtcp2_conn_extend_max_offset(parts_->quic, bytes);
}

std::int64_t H3Client::raw_stream(std::string_view bytes) {
  std::int64_t stream;
  if (ngtcp2_conn_open_uni_stream(parts_->quic, &stream, nullptr) != 0) return -1;
  std::array<std::uint8_t, kPacket> packet;
  while (!bytes.empty()) {
    ngtcp2_path_storage path;
    ngtcp2_path_storage_zero(&path);
    ngtcp2_ssize taken = 0;
    const auto size = ngtcp2_conn_write_stream(
        parts_->quic, &path.path, nullptr, packet.data(), packet.size(), &taken,
        NGTCP2_WRITE_STREAM_FLAG_NONE, stream, reinterpret_cast<const std::uint8_t*>(bytes.data()),
        bytes.size(), now());
    if (size < 0) return -1;
    if (size > 0) put(socket_, packet.data(), size);
    if (taken > 0) bytes.remove_prefix(static_cast<std::size_t>(taken));
    if (size == 0 && !step()) return -1;
  }
  return stream;
}

// ---- packets

void H3Client::fail(int code) {
  ended_ = true;
  ngtcp2_connection_close_error error{};
  ngtcp2_conn_get_connection_close_error(parts_->quic, &error);
  if (code == NGTCP2_ERR_DRAINING && !stateless_reset_) {
    close_code_ = static_cast<std::int64_t>(error.error_code);
    close_is_http_ = error.type == NGTCP2_CONNECTION_CLOSE_ERROR_CODE_TYPE_APPLICATION;
  }
}

void H3Client::send() {
  std::array<std::uint8_t, kPacket> packet;
  while (!ended_) {
    std::int64_t stream = -1;
    int fin = 0;
    std::array<nghttp3_vec, 8> parts;
    nghttp3_ssize count = 0;
    if (parts_->http && ngtcp2_conn_get_max_data_left(parts_->quic) > 0) {
      count = nghttp3_conn_writev_stream(parts_->http, &stream, &fin, parts.data(), parts.size());
      if (count < 0) return fail(-1);
    }
    std::uint32_t flags = NGTCP2_WRITE_STREAM_FLAG_MORE;
    if (fin) flags |= NGTCP2_WRITE_STREAM_FLAG_FIN;
    ngtcp2_path_storage path;
    ngtcp2_path_storage_zero(&path);
    ngtcp2_ssize taken = -1;
    const auto size = ngtcp2_conn_writev_stream(
        parts_->quic, &path.path, nullptr, packet.data(), packet.size(), &taken, flags, stream,
        reinterpret_cast<ngtcp2_vec*>(parts.data()), static_cast<std::size_t>(count), now());
    if (size == NGTCP2_ERR_STREAM_DATA_BLOCKED) {
      nghttp3_conn_block_stream(parts_->http, stream);
      continue;
    }
    if (size == NGTCP2_ERR_STREAM_SHUT_WR || size == NGTCP2_ERR_STREAM_NOT_FOUND) {
      nghttp3_conn_shutdown_stream_write(parts_->http, stream);
      continue;
    }
    if (taken >= 0)
      nghttp3_conn_add_write_offset(parts_->http, stream, static_cast<std::size_t>(taken));
    if (size == NGTCP2_ERR_WRITE_MORE) continue;
    if (size < 0) return fail(static_cast<int>(size));
    if (size == 0) break;
    const bool lost = options_.loses_each != 0 && ++sent_ % options_.loses_each == 0;
    if (options_.record) {
      options_.record->emplace_back(reinterpret_cast<const char*>(packet.data()),
                                    static_cast<std::size_t>(size));
    }
    if (!lost) put(socket_, packet.data(), size);
  }
  if (!ended_) ngtcp2_conn_update_pkt_tx_time(parts_->quic, now());
}

bool H3Client::receive(std::chrono::milliseconds patience) {
  const auto expiry = ngtcp2_conn_get_expiry(parts_->quic);
  const auto at = now();
  auto wait = patience;
  if (expiry != UINT64_MAX) {
    wait = std::min(wait,
                    expiry <= at ? 0ms : std::chrono::milliseconds((expiry - at) / 1'000'000 + 1));
  }
  pollfd one{socket_, POLLIN, 0};
  const int ready = ::poll(&one, 1, static_cast<int>(wait.count()));
  if (ready == 0) {
    if (ngtcp2_conn_get_expiry(parts_->quic) > now()) return false;
    const int code = ngtcp2_conn_handle_expiry(parts_->quic, now());
    if (code != 0) fail(code);
    return true;
  }
  std::array<std::uint8_t, 65536> bytes;
  for (int i = 0; i < 64; ++i) {
    const auto size = ::recv(socket_, bytes.data(), bytes.size(), 0);
    if (size < 0) break;
    const ngtcp2_path path = parts_->path();
    const ngtcp2_pkt_info info{};
    const int code = ngtcp2_conn_read_pkt(parts_->quic, &path, &info, bytes.data(),
                                          static_cast<std::size_t>(size), now());
    if (code == 0) continue;
    fail(code);
    break;
  }
  return true;
}

bool H3Client::step() {
  const auto until = std::chrono::steady_clock::now() + kPatience;
  begin_waiting();
  send();
  while (!ended_) {
    const auto left = std::chrono::duration_cast<std::chrono::milliseconds>(
        until - std::chrono::steady_clock::now());
    if (left <= 0ms) {
      timed_out_ = true;
      return false;
    }
    const bool moved = receive(left);
    if (ended_) return false;
    begin_waiting();
    send();
    if (moved) return true;
  }
  return false;
}

void H3Client::poke() {
  if (ended_) return;
  begin_waiting();
  send();
  if (!ended_) receive(0ms);
  if (!ended_) send();
}

bool H3Client::shake_hands() {
  while (!secured_ && step()) {
  }
  return secured_ && !ended_;
}

const H3Answer* H3Client::wait(int request) {
  const auto until = std::chrono::steady_clock::now() + kPatience;
  while (!answers_[request].over()) {
    if (std::chrono::steady_clock::now() > until) timed_out_ = true;
    if (timed_out_ || !step()) return answers_[request].over() ? &answers_[request] : nullptr;
  }
  poke();  // acknowledges
  return &answers_[request];
}

void H3Client::run_to_end() {
  while (step()) {
  }
}

void H3Client::vanish() {
  ::close(socket_);
  socket_ = -1;
  ended_ = true;
}

void H3Client::close() {
  if (ended_) return;
  ngtcp2_connection_close_error error;
  ngtcp2_connection_close_error_default(&error);
  ngtcp2_connection_close_error_set_application_error(&error, NGHTTP3_H3_NO_ERROR, nullptr, 0);
  std::array<std::uint8_t, kPacket> packet;
  ngtcp2_path_storage path;
  ngtcp2_path_storage_zero(&path);
  const auto size = ngtcp2_conn_write_connection_close(parts_->quic, &path.path, nullptr,
                                                       packet.data(), packet.size(), &error, now());
  if (size > 0) put(socket_, packet.data(), size);
  ended_ = true;
}

std::uint64_t H3Client::requests_allowed() const {
  return ngtcp2_conn_get_streams_bidi_left(parts_->quic);
}

std::string H3Client::peer_name() const {
  unsigned count = 0;
  const gnutls_datum_t* list = gnutls_certificate_get_peers(parts_->tls, &count);
  if (!list || count == 0) return "";
  gnutls_x509_crt_t cert;
  gnutls_x509_crt_init(&cert);
  gnutls_x509_crt_import(cert, &list[0], GNUTLS_X509_FMT_DER);
  char name[256];
  std::size_t size = sizeof name;
  const int code =
      gnutls_x509_crt_get_dn_by_oid(cert, GNUTLS_OID_X520_COMMON_NAME, 0, 0, name, &size);
  gnutls_x509_crt_deinit(cert);
  return code == 0 ? std::string(name, size) : "";
}

std::string H3Client::state() const {
  return std::string(secured_ ? "secured" : "shaking hands") + (ended_ ? ", ended" : "") +
         (timed_out_ ? ", timed out" : "") + ", close code " + std::to_string(close_code_);
}

}  // namespace rr::net::testing
