// Requests for files: each is answered where it was read.
#pragma once

#include <deque>
#include <memory>
#include <string>
#include <string_view>

#include "runtime/net/files/file_store.h"
#include "runtime/net/http/transaction.h"
#include "runtime/plugins/fileserver/config.h"

namespace rr::fileserver {

// Thread-safe. Outlives every connection.
class Service final : public net::http::Handler {
 public:
  explicit Service(const FileServerConfig& config);

  net::http::Transaction* make_transaction() override;
  BodyPlan head_complete(net::http::Transaction&) override { return BodyPlan::skip; }
  std::uint64_t max_body_bytes(const net::http::Transaction&) const override { return 0; }
  void handle(net::http::Transaction* transaction) override;
  void body_failed(net::http::Transaction&, BodyError, std::string_view) override {}
  void answered(net::http::Transaction&) override {}

 private:
  // One entry of `serve`.
  struct Folder {
    Folder(const FileServerConfig& config, const ServeConfig& serve);
    std::string prefix;  // lower case, without a slash at its end
    bool compress = false;
    bool ranges = false;
    std::string cache_control;  // empty: none
    net::files::FileStore store;
  };
  struct Found {
    net::files::OpenFile::Pointer file;
    const Folder* folder = nullptr;
  };
  Found find(std::string_view path);

  std::deque<Folder> folders_;
};

}  // namespace rr::fileserver
