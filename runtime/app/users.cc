#include "runtime/app/users.h"

#include <linux/capability.h>
#include <sys/syscall.h>
#include <unistd.h>

namespace rr::app {
namespace {

bool may_change_user() {
  __user_cap_header_struct header{.version = _LINUX_CAPABILITY_VERSION_3, .pid = 0};
  __user_cap_data_struct sets[2]{};
  if (syscall(SYS_capget, &header, sets) != 0) return geteuid() == 0;
  return (sets[0].effective & (1U << CAP_SETUID)) != 0;
}

}  // namespace

Result<std::optional<pool::RunAs>> user_of(const std::string& name) {
  if (name.empty()) return std::optional<pool::RunAs>{};
  auto found = pool::find_user(name);
  if (!found) return std::move(found).error();
  if (found->user != geteuid() && !may_change_user()) {
    return Error(Errc::invalid, "",
                 "only root may start something as user " + name + "; the server runs as user " +
                     std::to_string(geteuid()));
  }
  return std::optional<pool::RunAs>(*found);
}

Result<void> one_user(const ServerConfig& server) {
  const bool other =
      server.on_init && !server.on_init->user.empty() && server.on_init->user != server.user;
  if (server.user.empty() || !other) return {};
  return Error(Errc::invalid, "",
               "on_init.user " + server.on_init->user + " and server.user " + server.user +
                   " cannot both be: with workers on threads the whole server becomes server.user. "
                   "Leave on_init.user out, or use `mode: process`");
}

}  // namespace rr::app
