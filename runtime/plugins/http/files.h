// Files beside the scripts of a folder that `rr-embed serve FOLDER` was given: style sheets,
// images.
#pragma once

#include <string>

#include "runtime/net/files/file_store.h"
#include "runtime/net/http/transaction.h"

namespace rr::http {

// Any thread.
class Files {
 public:
  explicit Files(std::string folder);

  // Answers GET and HEAD for an existing regular file below the folder that is no PHP and whose
  // path has no part that begins with a dot. False: not answered.
  bool answer(net::http::Transaction& transaction);

 private:
  net::files::FileStore store_;
};

}  // namespace rr::http
