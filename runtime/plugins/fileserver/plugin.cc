#include "runtime/plugins/fileserver/plugin.h"

#include <algorithm>

namespace rr::fileserver {
namespace {

using namespace std::chrono_literals;

// stream_select() in PHP counts to 1023: clients' sockets stay out of its way (spec 08 §6.1).
constexpr int kFirstDescriptor = 1024;
constexpr net::http1::ConnectionLimits kLimits{
    .header = 10s, .body = 10s, .write = 10s, .idle = 10s};

}  // namespace

void FileServerPlugin::init(Context& context) {
  config_ = context.section<FileServerConfig>("fileserver");
  log_ = context.logger("fileserver");
  plane_ = &context.get<net::DataPlane>();
  service_.emplace(config_);
}

Result<void> FileServerPlugin::serve() {
  auto sockets = net::ListenSocket::listen(config_.address, {});
  if (!sockets) return std::move(sockets).error();
  server_.emplace(plane_->reactor(), *service_, kLimits);
  for (auto& socket : *sockets) {
    listeners_.push_back(std::make_unique<net::Listener>(
        plane_->reactor(), std::move(socket), *server_,
        net::Listener::Options{.first_descriptor = kFirstDescriptor}, log_));
    if (auto open = listeners_.back()->start(); !open) return open;
    log_.debug("file server was started", kv("address", listeners_.back()->socket().address()));
  }
  return {};
}

void FileServerPlugin::refuse() {
  for (auto& listener : listeners_) listener->stop();
  if (server_) server_->drain(net::http1::Server::Idle::close);
}

void FileServerPlugin::hand_over(TimePoint until) {
  for (auto& listener : listeners_) listener->stop();
  if (!server_) return;
  server_->drain(net::http1::Server::Idle::wait);
  server_->wait_closed(until);
}

void FileServerPlugin::stop(TimePoint deadline) {
  if (server_) server_->wait_closed(deadline);
}

}  // namespace rr::fileserver
