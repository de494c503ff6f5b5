#include "runtime/plugins/http/acme/https_client.h"

#include <array>
#include <optional>
#include <utility>

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/connect.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/ssl/stream.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/write.hpp>
#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/string_body.hpp>
#include <openssl/x509v3.h>

#include "runtime/core/version.h"

namespace rr::http::acme {
namespace {

namespace beast = boost::beast;
using asio::ip::tcp;
using boost::system::error_code;

constexpr auto kTuple = asio::as_tuple(asio::use_awaitable);

struct Url {
  std::string host;
  std::string port = "443";
  std::string authority;  // as it stands there
  std::string target;
};

// Only what an authority may lead to: https, no user, no fragment, nothing that breaks a line.
std::optional<Url> parse_url(std::string_view text) {
  constexpr std::string_view kScheme = "https://";
  if (!text.starts_with(kScheme) || text.size() > 2048) return std::nullopt;
  for (const char c : text) {
    if (c <= ' ' || c > '~' || c == '#' || c == '@') return std::nullopt;
  }
  text.remove_prefix(kScheme.size());
  const std::size_t slash = std::min(text.find_first_of("/?"), text.size());
  Url url;
  url.authority = text.substr(0, slash);
  url.target = text.substr(slash);
  if (!url.target.starts_with('/')) url.target.insert(0, "/");
  std::string_view host = url.authority;
  const std::size_t colon = host.rfind(':');
  if (colon != host.npos && host.find(']', colon) == host.npos) {
    url.port = host.substr(colon + 1);
    host = host.substr(0, colon);
  }
  if (host.starts_with('[') && host.ends_with(']')) host = host.substr(1, host.size() - 2);
  url.host = host;
  if (url.host.empty() || url.port.empty()) return std::nullopt;
  return url;
}

std::string request_text(const std::string& method, const Url& url, const std::string& body,
                         const std::string& content_type) {
  std::string text = method + " " + url.target + " HTTP/1.1\r\nHost: " + url.authority +
                     "\r\nUser-Agent: rr-embed/" + std::string(own_version()) +
                     "\r\nAccept-Language: en\r\nConnection: close\r\n";
  if (!content_type.empty()) {
    text += "Content-Type: " + content_type + "\r\nContent-Length: " + std::to_string(body.size()) +
            "\r\n";
  }
  return text + "\r\n" + body;
}

std::string lower(std::string_view text) {
  std::string out(text);
  for (char& c : out) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c + 32);
  }
  return out;
}

using Stream = asio::ssl::stream<tcp::socket>;
using Parser = beast::http::response_parser<beast::http::string_body>;

// What a call and its deadline share: the latter may come when the former has just ended.
struct Wire {
  Wire(asio::io_context& io, asio::ssl::context& context) : resolver(io), stream(io, context) {}
  void give_up() {
    late = true;
    resolver.cancel();
    error_code ignored;
    stream.next_layer().close(ignored);
  }

  tcp::resolver resolver;
  Stream stream;
  bool late = false;
};

// One exchange; the deadline ends what it waits for.
class Call {
 public:
  Call(asio::io_context& io, asio::ssl::context& context, Url url, Duration limit)
      : url_(std::move(url)), wire_(std::make_shared<Wire>(io, context)), deadline_(io, limit) {
    deadline_.async_wait([wire = wire_](error_code ec) {
      if (!ec) wire->give_up();
    });
  }

  Task<Result<void>> connect() {
    auto [lookup, endpoints] = co_await wire_->resolver.async_resolve(url_.host, url_.port, kTuple);
    if (lookup) co_return failed("the name could not be looked up", lookup);
    auto [refused, endpoint] =
        co_await asio::async_connect(wire_->stream.next_layer(), endpoints, kTuple);
    if (refused) co_return failed("no connection", refused);
    name_peer();
    auto [ec] = co_await wire_->stream.async_handshake(Stream::client, kTuple);
    if (!ec) co_return Result<void>();
    const long trust = SSL_get_verify_result(wire_->stream.native_handle());
    if (trust == X509_V_OK || wire_->late) co_return failed("no TLS", ec);
    co_return Error(Errc::io, "",
                    url_.authority + ": its certificate is not trusted: " +
                        X509_verify_cert_error_string(trust));
  }

  Task<Result<void>> exchange(std::string request, Parser& parser) {
    auto [unsent, sent] = co_await asio::async_write(wire_->stream, asio::buffer(request), kTuple);
    if (unsent) co_return failed("the request could not be sent", unsent);
    std::string input;
    std::array<char, 16 * 1024> piece{};
    while (!parser.is_done()) {
      auto [end, count] = co_await wire_->stream.async_read_some(asio::buffer(piece), kTuple);
      input.append(piece.data(), count);
      error_code malformed;
      input.erase(0, parser.put(asio::buffer(input), malformed));
      if (malformed == beast::http::error::need_more) malformed = {};
      if (malformed) co_return failed("its answer cannot be used", malformed);
      if (!end) continue;
      // Ends with its connection, where it does not say how long it is. The parser asserts that
      // there was something.
      if (parser.got_some() && !parser.is_done()) parser.put_eof(malformed);
      if (malformed || !parser.is_done()) co_return failed("its answer is not whole", end);
    }
    co_return Result<void>();
  }

 private:
  // Whose certificate it has to be.
  void name_peer() {
    SSL* const ssl = wire_->stream.native_handle();
    error_code no_address;
    asio::ip::make_address(url_.host, no_address);
    if (no_address) {
      SSL_set_tlsext_host_name(ssl, url_.host.c_str());
      SSL_set1_host(ssl, url_.host.c_str());
    } else {
      X509_VERIFY_PARAM_set1_ip_asc(SSL_get0_param(ssl), url_.host.c_str());
    }
  }

  Error failed(std::string what, const error_code& why) const {
    const std::string reason = wire_->late ? "it took too long" : why.message();
    return Error(Errc::io, "", url_.authority + ": " + what + ": " + reason);
  }

  const Url url_;
  const std::shared_ptr<Wire> wire_;  // with the deadline's handler
  asio::steady_timer deadline_;
};

}  // namespace

Result<HttpsClient> HttpsClient::make(asio::io_context& io, const std::string& root_ca,
                                      Limits limits) {
  asio::ssl::context context(asio::ssl::context::tls_client);
  error_code ec;
  if (root_ca.empty()) {
    context.set_default_verify_paths(ec);
  } else {
    context.load_verify_file(root_ca, ec);
  }
  if (ec) {
    return Error(Errc::invalid, "",
                 "root_ca file '" + root_ca + "' cannot be used: " + ec.message());
  }
  context.set_verify_mode(asio::ssl::verify_peer);
  SSL_CTX_set_min_proto_version(context.native_handle(), TLS1_2_VERSION);
  return HttpsClient(io, std::move(context), limits);
}

Task<Result<HttpsClient::Reply>> HttpsClient::ask(std::string method, std::string url,
                                                  std::string body, std::string content_type) {
  auto parsed = parse_url(url);
  if (!parsed) co_return Error(Errc::invalid, "", "\"" + url + "\" is no https address");
  std::string request = request_text(method, *parsed, body, content_type);
  Call call(*io_, context_, std::move(*parsed), limits_.request);
  auto connected = co_await call.connect();
  if (!connected) co_return std::move(connected).error();
  Parser parser;
  parser.header_limit(static_cast<std::uint32_t>(limits_.head));
  parser.body_limit(limits_.body);
  parser.eager(true);
  parser.skip(method == "HEAD");
  auto done = co_await call.exchange(std::move(request), parser);
  if (!done) co_return std::move(done).error();
  Reply reply;
  reply.status = static_cast<int>(parser.get().result_int());
  for (const auto& field : parser.get())
    reply.fields[lower(field.name_string())] = std::string(field.value());
  reply.body = std::move(parser.get().body());
  co_return reply;
}

}  // namespace rr::http::acme
