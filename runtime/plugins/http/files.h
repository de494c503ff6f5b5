// Files beside the scripts of a folder that `rr-embed serve FOLDER` was given: style sheets,
// images.
#pragma once

#include <string>

#include "runtime/net/http/transaction.h"

namespace rr::http {

// Immutable; any thread.
class Files {
 public:
  explicit Files(std::string folder);

  // Answers GET and HEAD for an existing regular file below the folder that is no PHP and whose
  // path has no part that begins with a dot. False: not answered.
  bool answer(net::http::Transaction& transaction) const;

 private:
  std::string folder_;
};

}  // namespace rr::http
