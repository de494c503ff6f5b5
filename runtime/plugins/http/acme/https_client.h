// What asks an authority: HTTP/1.1 over TLS, one request a connection.
#pragma once

#include <cstddef>
#include <map>
#include <string>
#include <string_view>

#include <boost/asio/io_context.hpp>
#include <boost/asio/ssl/context.hpp>

#include "rr/exchange.h"
#include "rr/result.h"
#include "runtime/core/task_group.h"

namespace rr::http::acme {

// Coroutines on the thread of `io`. What the other side sends has limits; redirects are answers
// like others.
class HttpsClient final {
 public:
  struct Limits {
    Duration request = std::chrono::seconds(30);  // from the name's look-up to the last byte
    std::size_t head = 32 * 1024;
    std::size_t body = 256 * 1024;
  };
  struct Reply {
    int status = 0;
    std::string body;
    std::map<std::string, std::string> fields;  // names in lower case; of several the last
    // Empty: the field is absent.
    std::string_view field(const std::string& name) const {
      const auto found = fields.find(name);
      return found == fields.end() ? std::string_view{} : std::string_view(found->second);
    }
  };

  // `root_ca`: a PEM file with who may sign the other side's certificate, and nobody else may;
  // empty: the system's. `io` outlives this.
  static Result<HttpsClient> make(asio::io_context& io, const std::string& root_ca, Limits limits);

  // Errors say which host and what went wrong there. `content_type`: of a body; empty: there is
  // none.
  Task<Result<Reply>> ask(std::string method, std::string url, std::string body,
                          std::string content_type);

 private:
  HttpsClient(asio::io_context& io, asio::ssl::context context, Limits limits)
      : io_(&io), context_(std::move(context)), limits_(limits) {}

  asio::io_context* io_;
  asio::ssl::context context_;
  Limits limits_;
};

}  // namespace rr::http::acme
