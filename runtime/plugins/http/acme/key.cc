#include "runtime/plugins/http/acme/key.h"

#include <array>

#include <openssl/bio.h>
#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/ec.h>
#include <openssl/ecdsa.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/sha.h>

namespace rr::http::acme {
namespace {

constexpr int kBytes = 32;  // of a coordinate

using Number = std::unique_ptr<BIGNUM, decltype(&BN_free)>;

std::string padded(const BIGNUM* number) {
  std::string bytes(kBytes, '\0');
  BN_bn2binpad(number, reinterpret_cast<unsigned char*>(bytes.data()), kBytes);
  return bytes;
}

std::string coordinate(const EVP_PKEY* key, const char* name) {
  BIGNUM* number = nullptr;
  EVP_PKEY_get_bn_param(key, name, &number);
  const Number owned(number, &BN_free);
  return number ? padded(number) : std::string(kBytes, '\0');
}

Error failed(std::string_view what) {
  return Error(Errc::io, "", std::string(what) + ": " + openssl_error());
}

}  // namespace

std::string openssl_error() {
  const char* reason = ERR_reason_error_string(ERR_peek_last_error());
  std::string text = reason ? reason : "unknown error";
  ERR_clear_error();
  return text;
}

std::string base64url(std::string_view bytes) {
  static constexpr char kDigits[] =
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
  std::string out;
  out.reserve((bytes.size() * 4 + 2) / 3);
  unsigned bits = 0, count = 0;
  for (const char c : bytes) {
    bits = bits << 8 | static_cast<unsigned char>(c);
    for (count += 8; count >= 6;) {
      count -= 6;
      out += kDigits[bits >> count & 63];
    }
  }
  if (count > 0) out += kDigits[bits << (6 - count) & 63];
  return out;
}

std::string sha256(std::string_view bytes) {
  std::array<unsigned char, SHA256_DIGEST_LENGTH> digest{};
  SHA256(reinterpret_cast<const unsigned char*>(bytes.data()), bytes.size(), digest.data());
  return {reinterpret_cast<const char*>(digest.data()), digest.size()};
}

Key::Key(evp_pkey_st* key) : key_(key, &EVP_PKEY_free) {}

Result<Key> Key::generate() {
  EVP_PKEY* key = EVP_EC_gen("P-256");
  if (!key) return failed("no key could be made");
  return Key(key);
}

Result<Key> Key::read(std::string_view pem) {
  const std::unique_ptr<BIO, decltype(&BIO_free)> in(
      BIO_new_mem_buf(pem.data(), static_cast<int>(pem.size())), &BIO_free);
  EVP_PKEY* key = PEM_read_bio_PrivateKey(
      in.get(), nullptr, [](char*, int, int, void*) { return 0; }, nullptr);
  if (!key) return failed("no private key in PEM");
  Key read(key);
  std::array<char, 32> group{};
  if (EVP_PKEY_get_group_name(key, group.data(), group.size(), nullptr) != 1 ||
      (std::string_view(group.data()) != "prime256v1" && std::string_view(group.data()) != "P-256"))
    return Error(Errc::invalid, "", "the key is not on P-256");
  return read;
}

std::string Key::pem() const {
  const std::unique_ptr<BIO, decltype(&BIO_free)> out(BIO_new(BIO_s_mem()), &BIO_free);
  PEM_write_bio_PrivateKey_traditional(out.get(), key_.get(), nullptr, nullptr, 0, nullptr,
                                       nullptr);
  char* text = nullptr;
  const long size = BIO_get_mem_data(out.get(), &text);
  return {text, static_cast<std::size_t>(size)};
}

std::string Key::jwk() const {
  // This order and no white space: RFC 7638.
  return R"({"crv":"P-256","kty":"EC","x":")" +
         base64url(coordinate(key_.get(), OSSL_PKEY_PARAM_EC_PUB_X)) + R"(","y":")" +
         base64url(coordinate(key_.get(), OSSL_PKEY_PARAM_EC_PUB_Y)) + R"("})";
}

std::string Key::thumbprint() const {
  return base64url(sha256(jwk()));
}

Result<std::string> Key::sign(std::string_view text) const {
  const std::unique_ptr<EVP_MD_CTX, decltype(&EVP_MD_CTX_free)> context(EVP_MD_CTX_new(),
                                                                        &EVP_MD_CTX_free);
  const auto* bytes = reinterpret_cast<const unsigned char*>(text.data());
  std::size_t size = 0;
  if (EVP_DigestSignInit(context.get(), nullptr, EVP_sha256(), nullptr, key_.get()) != 1 ||
      EVP_DigestSign(context.get(), nullptr, &size, bytes, text.size()) != 1)
    return failed("signing failed");
  std::string der(size, '\0');
  if (EVP_DigestSign(context.get(), reinterpret_cast<unsigned char*>(der.data()), &size, bytes,
                     text.size()) != 1)
    return failed("signing failed");
  const auto* at = reinterpret_cast<const unsigned char*>(der.data());
  const std::unique_ptr<ECDSA_SIG, decltype(&ECDSA_SIG_free)> signature(
      d2i_ECDSA_SIG(nullptr, &at, static_cast<long>(size)), &ECDSA_SIG_free);
  if (!signature) return failed("signing failed");
  return padded(ECDSA_SIG_get0_r(signature.get())) + padded(ECDSA_SIG_get0_s(signature.get()));
}

Result<std::string> signed_request(const Key& key, std::string_view header,
                                   std::string_view payload) {
  const std::string protected_part = base64url(header);
  const std::string payload_part = base64url(payload);
  auto signature = key.sign(protected_part + "." + payload_part);
  if (!signature) return std::move(signature).error();
  return R"({"protected":")" + protected_part + R"(","payload":")" + payload_part +
         R"(","signature":")" + base64url(*signature) + R"("})";
}

}  // namespace rr::http::acme
