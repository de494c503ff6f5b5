#include "runtime/plugins/rpc/group.h"

#include <grp.h>

#include <vector>

#include "runtime/core/config/numbers.h"

namespace rr::rpc {

Result<gid_t> find_group(const std::string& name) {
  if (const auto [number, error] = config::parse_uint(name);
      error == config::NumberError::none && number < static_cast<gid_t>(-1)) {
    return static_cast<gid_t>(number);
  }
  std::vector<char> buffer(1 << 16);
  group entry{};
  group* found = nullptr;
  ::getgrnam_r(name.c_str(), &entry, buffer.data(), buffer.size(), &found);
  if (found == nullptr) return Error(Errc::not_found, "", "unknown group " + name);
  return found->gr_gid;
}

}  // namespace rr::rpc
