// Whom files belong to that the server makes for workers: uploads, unix sockets.
#pragma once

#include <sys/types.h>

namespace rr {

// The account of `server.user`. Provided to plugins where that key is set.
struct FileOwner {
  uid_t user;
  gid_t group;
};

}  // namespace rr
