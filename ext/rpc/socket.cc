#include "ext/rpc/socket.h"

#include <map>
#include <string>

namespace rr::ext {

namespace {

// A script that makes up addresses must not fill a php-fpm child with sockets.
constexpr std::size_t kKept = 8;

using Connections = std::map<std::string, std::shared_ptr<Connection>>;

Connections& connections() {
  thread_local Connections of_this_thread;
  return of_this_thread;
}

Connection& connection(void* self) {
  return *static_cast<Connection*>(self);
}
std::string_view view_of(rr_text text) {
  return {text.data, text.size};
}
// What the table calls rr_pending is a Pending here.
Pending* known(rr_pending* pending) {
  return reinterpret_cast<Pending*>(pending);
}
double limit(double seconds) {
  return seconds < 0 ? kDefaultSeconds : seconds;
}

int call(void* self, rr_text method, unsigned codec, rr_text argument, double seconds,
         rr_text* reply) noexcept {
  std::string_view text;
  const int status =
      connection(self).call(view_of(method), codec, view_of(argument), limit(seconds), &text);
  *reply = {text.data(), text.size()};
  return status;
}

int begin(void* self, rr_text method, unsigned codec, rr_text argument, rr_pending** pending,
          rr_text* error) noexcept {
  std::string_view text;
  Pending* made = nullptr;
  const int status =
      connection(self).begin(view_of(method), codec, view_of(argument), &made, &text);
  *pending = reinterpret_cast<rr_pending*>(made);
  *error = {text.data(), text.size()};
  return status;
}

int ready(void* self, rr_pending* pending) noexcept {
  return connection(self).ready(known(pending));
}

int result(void* self, rr_pending* pending, double seconds, rr_text* reply) noexcept {
  std::string_view text;
  const int status = connection(self).result(known(pending), limit(seconds), &text);
  *reply = {text.data(), text.size()};
  return status;
}

void drop(void* self, rr_pending* pending) noexcept {
  connection(self).drop(known(pending));
}

rr_services make_services() {
  rr_services services{};
  services.size = sizeof services;
  services.call = call;
  services.begin = begin;
  services.ready = ready;
  services.result = result;
  services.drop = drop;
  return services;
}

}  // namespace

const rr_services socket_services = make_services();

std::shared_ptr<Connection> connection_to(const Address& address) {
  auto& found = connections()[address.text()];
  if (!found) found = std::make_shared<Connection>(address);
  return found;
}

void trim_connections() {
  Connections& all = connections();
  for (auto each = all.begin(); all.size() > kKept && each != all.end();) {
    each = each->second.use_count() == 1 ? all.erase(each) : std::next(each);
  }
}

void close_connections() {
  connections().clear();
}

}  // namespace rr::ext
