#include "runtime/net/http3/quic.h"

#include <algorithm>
#include <chrono>
#include <cstring>
#include <new>

#include <gnutls/crypto.h>
#include <gnutls/gnutls.h>
#include <nghttp3/nghttp3.h>
#include <ngtcp2/ngtcp2.h>
#include <ngtcp2/ngtcp2_crypto.h>
#include <ngtcp2/ngtcp2_crypto_gnutls.h>

namespace rr::net::http3 {
namespace {

constexpr std::size_t kPacket = 1452;  // bytes: the largest we try
// Of a client's own streams (control, field compression, extensions) and what they may say at once.
constexpr std::uint64_t kOtherStreams = 8;
constexpr std::uint64_t kOtherWindow = 64 * 1024;
constexpr std::uint64_t kClientIds = 4;  // kept of the client's ids, for when it moves

ngtcp2_tstamp stamp(TimePoint when) {
  return static_cast<ngtcp2_tstamp>(
      std::chrono::duration_cast<std::chrono::nanoseconds>(when.time_since_epoch()).count());
}

ngtcp2_duration nanoseconds(Duration duration) {
  return static_cast<ngtcp2_duration>(
      std::chrono::duration_cast<std::chrono::nanoseconds>(duration).count());
}

ngtcp2_cid cid_of(const Id& id) {
  ngtcp2_cid cid;
  ngtcp2_cid_init(&cid, id.bytes.data(), id.size);
  return cid;
}

Id id_of(const ngtcp2_cid& cid) {
  return Id({reinterpret_cast<const char*>(cid.data), cid.datalen});
}

ngtcp2_addr addr_of(const Address& address) {
  return {const_cast<sockaddr*>(&address.any), address.size};
}

Address address_of(const ngtcp2_addr& addr) {
  Address address;
  address.size = std::min<socklen_t>(addr.addrlen, sizeof address.v6);
  std::memcpy(&address.v6, addr.addr, address.size);
  return address;
}

}  // namespace

struct Quic::Parts {
  gnutls_session_t tls = nullptr;
  ngtcp2_conn* connection = nullptr;
  ngtcp2_crypto_conn_ref reference{};
  ngtcp2_connection_close_error error{};

  ~Parts() {
    if (connection) ngtcp2_conn_del(connection);
    if (tls) gnutls_deinit(tls);
  }
};

// NGTCP2_ERR_CALLBACK_FAILURE: what went wrong is in Parts::error.
struct QuicCallbacks {
  static Quic& self(void* user) { return *static_cast<Quic*>(user); }
  static int result(void* user, bool done) {
    return self(user).fail_session(done) ? 0 : NGTCP2_ERR_CALLBACK_FAILURE;
  }

  static int stream_data(ngtcp2_conn*, std::uint32_t flags, std::int64_t stream, std::uint64_t,
                         const std::uint8_t* bytes, std::size_t size, void* user, void*) {
    Session& session = self(user).session_;
    if (!session.started()) return NGTCP2_ERR_CALLBACK_FAILURE;  // early data: was not offered
    return result(user, session.feed(stream, {reinterpret_cast<const char*>(bytes), size},
                                     (flags & NGTCP2_STREAM_DATA_FLAG_FIN) != 0));
  }
  static int acknowledged(ngtcp2_conn*, std::int64_t stream, std::uint64_t, std::uint64_t size,
                          void* user, void*) {
    Session& session = self(user).session_;
    return session.started() ? result(user, session.acknowledged(stream, size)) : 0;
  }
  static int stream_closed(ngtcp2_conn* connection, std::uint32_t flags, std::int64_t stream,
                           std::uint64_t code, void* user, void*) {
    Session& session = self(user).session_;
    if ((flags & NGTCP2_STREAM_CLOSE_FLAG_APP_ERROR_CODE_SET) == 0) code = NGHTTP3_H3_NO_ERROR;
    if (!ngtcp2_is_bidi_stream(stream) && !ngtcp2_conn_is_local_stream(connection, stream))
      ngtcp2_conn_extend_max_streams_uni(connection, 1);
    return session.started() ? result(user, session.closed(stream, code, self(user).now_)) : 0;
  }
  static int stream_reset(ngtcp2_conn*, std::int64_t stream, std::uint64_t, std::uint64_t,
                          void* user, void*) {
    Session& session = self(user).session_;
    return session.started() ? result(user, session.reset(stream, self(user).now_)) : 0;
  }
  static int window_opened(ngtcp2_conn*, std::int64_t stream, std::uint64_t, void* user, void*) {
    Session& session = self(user).session_;
    if (session.started()) session.window_opened(stream);
    return 0;
  }
  static int requests_allowed(ngtcp2_conn*, std::uint64_t in_all, void* user) {
    Session& session = self(user).session_;
    if (session.started()) session.requests_allowed(in_all);
    return 0;
  }

  static int key_installed(ngtcp2_conn*, ngtcp2_crypto_level level, void* user) {
    if (level != NGTCP2_CRYPTO_LEVEL_APPLICATION) return 0;
    return self(user).start_session() ? 0 : NGTCP2_ERR_CALLBACK_FAILURE;
  }
  static int handshake_done(ngtcp2_conn*, void* user) {
    self(user).send_tickets();
    self(user).host_.handshake_done();
    return 0;
  }

  static void random(std::uint8_t* into, std::size_t size, const ngtcp2_rand_ctx*) {
    if (gnutls_rnd(GNUTLS_RND_NONCE, into, size) != 0) std::abort();
  }
  static int new_id(ngtcp2_conn*, ngtcp2_cid* cid, std::uint8_t* token, std::size_t size,
                    void* user) {
    const QuicHost& host = self(user).host_;
    cid->datalen = size;
    if (gnutls_rnd(GNUTLS_RND_NONCE, cid->data, size) != 0 ||
        ngtcp2_crypto_generate_stateless_reset_token(token, host.secrets().resets.data(),
                                                     host.secrets().resets.size(), cid) != 0) {
      return NGTCP2_ERR_CALLBACK_FAILURE;
    }
    self(user).host_.add_id(id_of(*cid));
    return 0;
  }
  static int old_id(ngtcp2_conn*, const ngtcp2_cid* cid, void* user) {
    self(user).host_.remove_id(id_of(*cid));
    return 0;
  }

  static const ngtcp2_callbacks* all() {
    static const ngtcp2_callbacks callbacks = [] {
      ngtcp2_callbacks made{};
      made.recv_client_initial = ngtcp2_crypto_recv_client_initial_cb;
      made.recv_crypto_data = ngtcp2_crypto_recv_crypto_data_cb;
      made.handshake_completed = handshake_done;
      made.encrypt = ngtcp2_crypto_encrypt_cb;
      made.decrypt = ngtcp2_crypto_decrypt_cb;
      made.hp_mask = ngtcp2_crypto_hp_mask_cb;
      made.recv_stream_data = stream_data;
      made.acked_stream_data_offset = acknowledged;
      made.stream_close = stream_closed;
      made.stream_reset = stream_reset;
      made.rand = random;
      made.get_new_connection_id = new_id;
      made.remove_connection_id = old_id;
      made.update_key = ngtcp2_crypto_update_key_cb;
      made.extend_max_remote_streams_bidi = requests_allowed;
      made.extend_max_stream_data = window_opened;
      made.delete_crypto_aead_ctx = ngtcp2_crypto_delete_crypto_aead_ctx_cb;
      made.delete_crypto_cipher_ctx = ngtcp2_crypto_delete_crypto_cipher_ctx_cb;
      made.get_path_challenge_data = ngtcp2_crypto_get_path_challenge_data_cb;
      made.version_negotiation = ngtcp2_crypto_version_negotiation_cb;
      made.recv_tx_key = key_installed;
      return made;
    }();
    return &callbacks;
  }
};

Quic::Quic(std::shared_ptr<const Credentials> credentials, QuicHost& host, SessionEvents& events,
           const QuicLimits& limits)
    : credentials_(std::move(credentials)),
      host_(host),
      limits_(limits),
      session_(events, *this, limits.session),
      parts_(std::make_unique<Parts>()) {}

Quic::~Quic() = default;

std::unique_ptr<Quic> Quic::accept(const Opening& opening,
                                   std::shared_ptr<const Credentials> credentials, QuicHost& host,
                                   SessionEvents& events, const QuicLimits& limits, TimePoint now) {
  std::unique_ptr<Quic> quic(new Quic(std::move(credentials), host, events, limits));
  if (!quic->start(opening, now)) return nullptr;
  return quic;
}

bool Quic::start(const Opening& opening, TimePoint now) {
  now_ = now;
  ngtcp2_settings settings;
  ngtcp2_settings_default(&settings);
  settings.cc_algo = NGTCP2_CC_ALGO_CUBIC;
  settings.initial_ts = stamp(now);
  settings.handshake_timeout = nanoseconds(limits_.handshake);
  settings.max_tx_udp_payload_size = kPacket;
  settings.rand_ctx = {};
  settings.token = {reinterpret_cast<std::uint8_t*>(const_cast<char*>(opening.token.data())),
                    opening.token.size()};

  ngtcp2_transport_params params;
  ngtcp2_transport_params_default(&params);
  params.initial_max_stream_data_bidi_remote = limits_.stream_window;
  params.initial_max_stream_data_uni = kOtherWindow;
  params.initial_max_data = limits_.window;
  params.initial_max_streams_bidi = limits_.session.streams;
  params.initial_max_streams_uni = kOtherStreams;
  params.max_idle_timeout = nanoseconds(limits_.idle);
  params.active_connection_id_limit = kClientIds;
  params.original_dcid = cid_of(opening.original.value_or(opening.server));
  if (opening.original) {
    params.retry_scid = cid_of(opening.server);
    params.retry_scid_present = 1;
  }

  ngtcp2_cid own;
  own.datalen = Id::kOurs;
  if (gnutls_rnd(GNUTLS_RND_NONCE, own.data, own.datalen) != 0) return false;
  params.stateless_reset_token_present = 1;
  if (ngtcp2_crypto_generate_stateless_reset_token(params.stateless_reset_token,
                                                   host_.secrets().resets.data(),
                                                   host_.secrets().resets.size(), &own) != 0) {
    return false;
  }
  const ngtcp2_path path{addr_of(opening.local), addr_of(opening.remote), nullptr};
  const ngtcp2_cid client = cid_of(opening.client);
  if (ngtcp2_conn_server_new(&parts_->connection, &client, &own, &path, opening.version,
                             QuicCallbacks::all(), &settings, &params, nullptr, this) != 0) {
    return false;
  }
  parts_->tls = credentials_->new_session();
  if (!parts_->tls || ngtcp2_crypto_gnutls_configure_server_session(parts_->tls) != 0) return false;
  parts_->reference.user_data = this;
  parts_->reference.get_conn = [](ngtcp2_crypto_conn_ref* reference) {
    return static_cast<Quic*>(reference->user_data)->parts_->connection;
  };
  gnutls_session_set_ptr(parts_->tls, &parts_->reference);
  ngtcp2_conn_set_tls_native_handle(parts_->connection, parts_->tls);
  ngtcp2_connection_close_error_default(&parts_->error);
  host_.add_id(id_of(own));
  host_.add_id(opening.server);
  return true;
}

bool Quic::start_session() {
  if (session_.started()) return true;
  std::int64_t streams[3];
  for (std::int64_t& stream : streams) {
    if (ngtcp2_conn_open_uni_stream(parts_->connection, &stream, nullptr) != 0) {
      // A client that does not let us speak.
      ngtcp2_connection_close_error_set_application_error(
          &parts_->error, NGHTTP3_H3_GENERAL_PROTOCOL_ERROR, nullptr, 0);
      return false;
    }
  }
  return session_.start(streams[0], streams[1], streams[2]);
}

// What lets the client come back with less ado.
void Quic::send_tickets() {
  gnutls_session_ticket_send(parts_->tls, 1, 0);
  std::uint8_t token[NGTCP2_CRYPTO_MAX_REGULAR_TOKENLEN];
  const Address client = remote();
  const auto size = ngtcp2_crypto_generate_regular_token(token, host_.secrets().tokens.data(),
                                                         host_.secrets().tokens.size(), &client.any,
                                                         client.size, stamp(now_));
  if (size > 0)
    ngtcp2_conn_submit_new_token(parts_->connection, token, static_cast<std::size_t>(size));
}

// ---- in

void Quic::feed(const Datagram& datagram, TimePoint now) {
  if (end_ != End::none) return;
  now_ = now;
  const ngtcp2_path path{addr_of(datagram.local), addr_of(datagram.remote), nullptr};
  const ngtcp2_pkt_info info{datagram.ecn};
  const int code =
      ngtcp2_conn_read_pkt(parts_->connection, &path, &info,
                           reinterpret_cast<const std::uint8_t*>(datagram.bytes.data()),
                           datagram.bytes.size(), stamp(now));
  if (code != 0) fail(code);
}

TimePoint Quic::expiry() const {
  if (!held_.bytes.empty()) return now_;
  const ngtcp2_tstamp when = ngtcp2_conn_get_expiry(parts_->connection);
  constexpr auto kNever = static_cast<ngtcp2_tstamp>(INT64_MAX);
  return when >= kNever ? TimePoint::max()
                        : TimePoint(std::chrono::nanoseconds(static_cast<std::int64_t>(when)));
}

void Quic::expire(TimePoint now) {
  if (end_ != End::none || expiry() > now) return;
  now_ = now;
  const int code = ngtcp2_conn_handle_expiry(parts_->connection, stamp(now));
  if (code != 0) fail(code);
}

void Quic::fail(int code) {
  switch (code) {
    case NGTCP2_ERR_DRAINING:
    case NGTCP2_ERR_DROP_CONN:
    case NGTCP2_ERR_RETRY:
    case NGTCP2_ERR_IDLE_CLOSE:
    case NGTCP2_ERR_HANDSHAKE_TIMEOUT:
      end_ = End::silent;
      return;
    case NGTCP2_ERR_CRYPTO:
      ngtcp2_connection_close_error_set_transport_error_tls_alert(
          &parts_->error, ngtcp2_conn_get_tls_alert(parts_->connection), nullptr, 0);
      break;
    case NGTCP2_ERR_CALLBACK_FAILURE:
      break;
    default:
      ngtcp2_connection_close_error_set_transport_error_liberr(&parts_->error, code, nullptr, 0);
  }
  end_ = End::told;
}

bool Quic::fail_session(bool done) {
  if (done) return true;
  ngtcp2_connection_close_error_set_application_error(&parts_->error, session_.error(), nullptr, 0);
  return false;
}

// ---- out

// One packet into `into`; its path and mark into `facts`. 0: none now. -1: failed.
std::ptrdiff_t Quic::write_packet(char* into, std::size_t room, Batch& facts, TimePoint now) {
  ngtcp2_path_storage path;
  ngtcp2_path_storage_zero(&path);
  ngtcp2_pkt_info info{};
  for (;;) {
    Session::Output output;
    if (session_.started() && ngtcp2_conn_get_max_data_left(parts_->connection) > 0 &&
        !session_.produce(output)) {
      fail_session(false);
      fail(NGTCP2_ERR_CALLBACK_FAILURE);
      return -1;
    }
    std::uint32_t flags = NGTCP2_WRITE_STREAM_FLAG_MORE;
    if (output.end) flags |= NGTCP2_WRITE_STREAM_FLAG_FIN;
    static_assert(sizeof(Session::Part) == sizeof(ngtcp2_vec));
    ngtcp2_ssize taken = -1;
    const auto size = ngtcp2_conn_writev_stream(
        parts_->connection, &path.path, &info, reinterpret_cast<std::uint8_t*>(into), room, &taken,
        flags, output.stream, reinterpret_cast<const ngtcp2_vec*>(output.parts.data()),
        output.parts.size(), stamp(now));
    if (size == NGTCP2_ERR_STREAM_DATA_BLOCKED) {
      session_.window_closed(output.stream);
      continue;
    }
    if (size == NGTCP2_ERR_STREAM_SHUT_WR || size == NGTCP2_ERR_STREAM_NOT_FOUND) {
      session_.writing_stopped(output.stream);
      continue;
    }
    if (taken >= 0) {
      std::size_t offered = 0;
      for (const Session::Part& part : output.parts) offered += part.size;
      const auto bytes = static_cast<std::size_t>(taken);
      if (!fail_session(session_.sent(output.stream, bytes, output.end && bytes == offered))) {
        fail(NGTCP2_ERR_CALLBACK_FAILURE);
        return -1;
      }
    }
    if (size == NGTCP2_ERR_WRITE_MORE) continue;
    if (size < 0) {
      fail(static_cast<int>(size));
      return -1;
    }
    if (size > 0) {
      facts.local = address_of(path.path.local);
      facts.remote = address_of(path.path.remote);
      facts.ecn = static_cast<std::uint8_t>(info.ecn);
    }
    return size;
  }
}

bool Quic::produce(Batch& batch, TimePoint now) {
  batch.bytes.clear();
  if (end_ != End::none) return false;
  now_ = now;
  const std::size_t most = std::min<std::size_t>(
      UdpSocket::kMostSent, std::max(kPacket, ngtcp2_conn_get_send_quantum(parts_->connection)));
  if (!held_.bytes.empty()) {
    batch = held_;  // which keeps its few bytes of memory, and the batch its many
    held_.bytes.clear();
  }
  batch.segment = batch.bytes.size();
  std::size_t count = batch.bytes.empty() ? 0 : 1;
  while (batch.bytes.size() + kPacket <= most && count < UdpSocket::kMostSegments) {
    const std::size_t before = batch.bytes.size();
    batch.bytes.resize(before + kPacket);
    Batch facts;
    const auto size = write_packet(batch.bytes.data() + before, kPacket, facts, now);
    batch.bytes.resize(before + static_cast<std::size_t>(std::max<std::ptrdiff_t>(size, 0)));
    if (size == 0 && session_.settle()) continue;
    if (size <= 0) break;
    const auto bytes = static_cast<std::size_t>(size);
    if (count++ == 0) {
      facts.bytes.swap(batch.bytes);
      batch = std::move(facts);
      batch.segment = bytes;
      continue;
    }
    const bool fits = bytes <= batch.segment && facts.ecn == batch.ecn &&
                      facts.remote == batch.remote && facts.local == batch.local;
    if (!fits) {
      held_ = std::move(facts);
      held_.bytes = batch.bytes.substr(before);
      batch.bytes.resize(before);
      break;
    }
    if (bytes < batch.segment) break;  // only the last may be shorter
  }
  ngtcp2_conn_update_pkt_tx_time(parts_->connection, stamp(now));
  return !batch.bytes.empty();
}

void Quic::close() {
  if (end_ != End::none) return;
  ngtcp2_connection_close_error_set_application_error(&parts_->error, NGHTTP3_H3_NO_ERROR, nullptr,
                                                      0);
  end_ = End::told;
}

bool Quic::last_packet(Batch& batch, TimePoint now) {
  if (end_ != End::told) return false;
  ngtcp2_path_storage path;
  ngtcp2_path_storage_zero(&path);
  ngtcp2_pkt_info info{};
  batch.bytes.resize(kPacket);
  const auto size = ngtcp2_conn_write_connection_close(
      parts_->connection, &path.path, &info, reinterpret_cast<std::uint8_t*>(batch.bytes.data()),
      batch.bytes.size(), &parts_->error, stamp(now));
  if (size <= 0) return false;
  batch.bytes.resize(static_cast<std::size_t>(size));
  batch.segment = batch.bytes.size();
  batch.local = address_of(path.path.local);
  batch.remote = address_of(path.path.remote);
  batch.ecn = static_cast<std::uint8_t>(info.ecn);
  return true;
}

Duration Quic::afterlife() const {
  return 3 * round_trip();
}

Duration Quic::round_trip() const {
  return std::chrono::nanoseconds(ngtcp2_conn_get_pto(parts_->connection));
}

bool Quic::secured() const {
  return ngtcp2_conn_get_handshake_completed(parts_->connection) != 0;
}

void Quic::keep_alive(bool wanted) {
  ngtcp2_conn_set_keep_alive_timeout(parts_->connection, wanted ? nanoseconds(limits_.ping) : 0);
}

Address Quic::local() const {
  return address_of(ngtcp2_conn_get_path(parts_->connection)->local);
}

Address Quic::remote() const {
  return address_of(ngtcp2_conn_get_path(parts_->connection)->remote);
}

// ---- Transport

void Quic::stop_reading(std::int64_t stream, std::uint64_t code) {
  ngtcp2_conn_shutdown_stream_read(parts_->connection, stream, code);
}

void Quic::stop_writing(std::int64_t stream, std::uint64_t code) {
  ngtcp2_conn_shutdown_stream_write(parts_->connection, stream, code);
}

void Quic::consumed(std::int64_t stream, std::size_t bytes) {
  if (bytes == 0) return;
  ngtcp2_conn_extend_max_stream_offset(parts_->connection, stream, bytes);
  ngtcp2_conn_extend_max_offset(parts_->connection, bytes);
}

void Quic::allow_request() {
  ngtcp2_conn_extend_max_streams_bidi(parts_->connection, 1);
}

}  // namespace rr::net::http3
