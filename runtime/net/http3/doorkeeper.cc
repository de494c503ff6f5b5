#include "runtime/net/http3/doorkeeper.h"

#include <algorithm>
#include <chrono>

#include <gnutls/crypto.h>
#include <gnutls/gnutls.h>
#include <ngtcp2/ngtcp2.h>
#include <ngtcp2/ngtcp2_crypto.h>

namespace rr::net::http3 {
namespace {

constexpr std::size_t kSmallestFirst = NGTCP2_MAX_UDP_PAYLOAD_SIZE;  // RFC 9000 §14.1
constexpr std::size_t kLargestReply = NGTCP2_MAX_UDP_PAYLOAD_SIZE;
// What a stateless reset must look like to be taken for a packet, RFC 9000 §10.3.
constexpr std::size_t kSmallestReset = 21;
constexpr std::size_t kLikelyReset = 41;

const std::uint8_t* bytes_of(std::string_view text) {
  return reinterpret_cast<const std::uint8_t*>(text.data());
}

// 0, or an error. ngtcp2 asserts that there is something to look at.
int decode(std::string_view packet, ngtcp2_version_cid& facts) {
  if (packet.empty()) return NGTCP2_ERR_INVALID_ARGUMENT;
  return ngtcp2_pkt_decode_version_cid(&facts, bytes_of(packet), packet.size(), Id::kOurs);
}

ngtcp2_tstamp stamp(TimePoint when) {
  return static_cast<ngtcp2_tstamp>(
      std::chrono::duration_cast<std::chrono::nanoseconds>(when.time_since_epoch()).count());
}

ngtcp2_duration nanoseconds(Duration duration) {
  return static_cast<ngtcp2_duration>(
      std::chrono::duration_cast<std::chrono::nanoseconds>(duration).count());
}

Id id_of(const ngtcp2_cid& cid) {
  return Id({reinterpret_cast<const char*>(cid.data), cid.datalen});
}

void random(void* into, std::size_t size) {
  if (gnutls_rnd(GNUTLS_RND_NONCE, into, size) != 0) std::abort();
}

std::string shortened(std::string text, ngtcp2_ssize size) {
  text.resize(size > 0 ? static_cast<std::size_t>(size) : 0);
  return text;
}

std::uint8_t* room_of(std::string& text) {
  return reinterpret_cast<std::uint8_t*>(text.data());
}

}  // namespace

Secrets::Secrets() {
  if (gnutls_rnd(GNUTLS_RND_KEY, tokens.data(), tokens.size()) != 0 ||
      gnutls_rnd(GNUTLS_RND_KEY, resets.data(), resets.size()) != 0) {
    std::abort();  // a system without random numbers
  }
}

std::optional<Id> destination_of(std::string_view packet) {
  ngtcp2_version_cid facts;
  // Ids of versions to come may be longer: none of ours.
  if (decode(packet, facts) != 0 || facts.dcidlen > Id::kMost) return std::nullopt;
  return Id({reinterpret_cast<const char*>(facts.dcid), facts.dcidlen});
}

struct Doorkeeper::First {
  ngtcp2_pkt_hd head{};
};

bool Doorkeeper::may_reply(TimePoint now) {
  const auto passed = std::chrono::duration_cast<std::chrono::milliseconds>(now - refilled_);
  if (passed.count() > 0) {
    const auto more = std::min<std::int64_t>(passed.count(), 1000) * kReplies / 1000;
    replies_ = std::min(replies_ + static_cast<int>(more), kReplies);
    refilled_ = now;
  }
  if (replies_ == 0) return false;
  --replies_;
  return true;
}

Doorkeeper::Verdict Doorkeeper::judge(const Datagram& packet, Mood mood, TimePoint now) {
  ngtcp2_version_cid facts;
  const int code = decode(packet.bytes, facts);
  const bool full_size = packet.bytes.size() >= kSmallestFirst;
  if (code == NGTCP2_ERR_VERSION_NEGOTIATION) {
    return {{}, full_size && may_reply(now) ? other_versions(packet) : ""};
  }
  if (code != 0) return {};
  const bool is_long = (static_cast<unsigned char>(packet.bytes.front()) & 0x80) != 0;
  if (!is_long) return {{}, may_reply(now) ? reset(packet) : ""};
  First first;
  if (!full_size || ngtcp2_accept(&first.head, bytes_of(packet.bytes), packet.bytes.size()) != 0) {
    return {};
  }
  if (mood == Mood::wait) return {};
  if (mood == Mood::refuse) {
    return {{}, may_reply(now) ? refusal(first, NGTCP2_CONNECTION_REFUSED) : ""};
  }
  Opening opening{.version = first.head.version,
                  .client = id_of(first.head.scid),
                  .server = id_of(first.head.dcid),
                  .original = {},
                  .token = {},
                  .local = packet.local,
                  .remote = packet.remote};
  switch (look_at_token(first, packet, opening, now)) {
    case Token::invalid:
      return {{}, may_reply(now) ? refusal(first, NGTCP2_INVALID_TOKEN) : ""};
    case Token::none:
      if (mood == Mood::doubt) return {{}, may_reply(now) ? retry(first, packet, now) : ""};
      break;
    case Token::valid:
      break;
  }
  return {std::move(opening), {}};
}

// Only what a Retry gave must be right: other tokens may be old, or of the server before.
Doorkeeper::Token Doorkeeper::look_at_token(const First& first, const Datagram& packet,
                                            Opening& opening, TimePoint now) const {
  const ngtcp2_vec& token = first.head.token;
  if (token.len == 0) return Token::none;
  const auto keep = [&] {
    opening.token.assign(reinterpret_cast<const char*>(token.base), token.len);
    return Token::valid;
  };
  if (token.base[0] == NGTCP2_CRYPTO_TOKEN_MAGIC_RETRY) {
    ngtcp2_cid original;
    if (ngtcp2_crypto_verify_retry_token(&original, token.base, token.len, secrets_.tokens.data(),
                                         secrets_.tokens.size(), first.head.version,
                                         &packet.remote.any, packet.remote.size, &first.head.dcid,
                                         nanoseconds(kRetryValid), stamp(now)) != 0) {
      return Token::invalid;
    }
    opening.original = id_of(original);
    return keep();
  }
  if (ngtcp2_crypto_verify_regular_token(
          token.base, token.len, secrets_.tokens.data(), secrets_.tokens.size(), &packet.remote.any,
          packet.remote.size, nanoseconds(kTokenValid), stamp(now)) != 0) {
    return Token::none;
  }
  return keep();
}

std::string Doorkeeper::other_versions(const Datagram& packet) const {
  ngtcp2_version_cid facts;
  decode(packet.bytes, facts);
  std::uint8_t dice[1];
  random(dice, sizeof dice);
  static constexpr std::uint32_t kOurs[] = {NGTCP2_PROTO_VER_V1};
  std::string reply(kLargestReply, '\0');
  const auto size = ngtcp2_pkt_write_version_negotiation(room_of(reply), reply.size(), dice[0],
                                                         facts.scid, facts.scidlen, facts.dcid,
                                                         facts.dcidlen, kOurs, std::size(kOurs));
  return shortened(std::move(reply), size);
}

// Smaller than what it answers: two servers that have both forgotten a connection come to an end.
std::string Doorkeeper::reset(const Datagram& packet) const {
  if (packet.bytes.size() <= kSmallestReset) return {};
  const auto id = destination_of(packet.bytes);
  if (!id) return {};
  ngtcp2_cid cid;
  ngtcp2_cid_init(&cid, id->bytes.data(), id->size);
  std::uint8_t token[NGTCP2_STATELESS_RESET_TOKENLEN];
  if (ngtcp2_crypto_generate_stateless_reset_token(token, secrets_.resets.data(),
                                                   secrets_.resets.size(), &cid) != 0) {
    return {};
  }
  const std::size_t size = std::min(kLikelyReset, packet.bytes.size() - 1);
  std::uint8_t noise[kLikelyReset];
  random(noise, sizeof noise);
  std::string reply(size, '\0');
  const auto written = ngtcp2_pkt_write_stateless_reset(room_of(reply), reply.size(), token, noise,
                                                        size - sizeof token);
  return shortened(std::move(reply), written);
}

std::string Doorkeeper::retry(const First& first, const Datagram& packet, TimePoint now) const {
  ngtcp2_cid ours;
  ours.datalen = Id::kOurs;
  random(ours.data, ours.datalen);
  std::uint8_t token[NGTCP2_CRYPTO_MAX_RETRY_TOKENLEN];
  const auto token_size = ngtcp2_crypto_generate_retry_token(
      token, secrets_.tokens.data(), secrets_.tokens.size(), first.head.version, &packet.remote.any,
      packet.remote.size, &ours, &first.head.dcid, stamp(now));
  if (token_size < 0) return {};
  std::string reply(kLargestReply, '\0');
  const auto size = ngtcp2_crypto_write_retry(room_of(reply), reply.size(), first.head.version,
                                              &first.head.scid, &ours, &first.head.dcid, token,
                                              static_cast<std::size_t>(token_size));
  return shortened(std::move(reply), size);
}

std::string Doorkeeper::refusal(const First& first, std::uint64_t code) {
  std::string reply(kLargestReply, '\0');
  const auto size =
      ngtcp2_crypto_write_connection_close(room_of(reply), reply.size(), first.head.version,
                                           &first.head.scid, &first.head.dcid, code, nullptr, 0);
  return shortened(std::move(reply), size);
}

}  // namespace rr::net::http3
