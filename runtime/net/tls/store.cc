#include "runtime/net/tls/store.h"

#include <utility>

namespace rr::net::tls {

Result<std::unique_ptr<Store>> Store::open(Settings settings, log::Logger log) {
  std::unique_ptr<Store> store(new Store(std::move(settings), log));
  if (auto done = store->reload(); !done) return std::move(done).error();
  return store;
}

std::shared_ptr<const Contexts> Store::contexts() const {
  std::lock_guard lock(mutex_);
  return contexts_;
}

std::vector<Store::Seen> Store::look() const {
  std::vector<Seen> seen;
  const auto add = [&seen](const std::string& path) {
    struct stat info {};
    Seen& one = seen.emplace_back();
    if (path.empty() || ::stat(path.c_str(), &info) != 0) return;
    one = {info.st_ino, info.st_size, info.st_mtim};
  };
  for (const CertificateFiles& files : settings_.certificates) {
    add(files.cert);
    add(files.key);
  }
  add(settings_.root_ca);
  return seen;
}

Result<void> Store::reload() {
  std::lock_guard lock(reading_);
  seen_ = look();
  return read();
}

Result<void> Store::read() {
  auto loaded = Contexts::load(settings_);
  if (!loaded) return std::move(loaded).error();
  for (const std::string& warning : (*loaded)->warnings()) log_.warn(warning);
  read_at_ = Clock::now();
  std::lock_guard lock(mutex_);
  contexts_ = std::move(*loaded);
  return {};
}

TimePoint Store::expire(TimePoint now) {
  std::lock_guard lock(reading_);
  if (now < next_) return next_;
  next_ = now + kLook;
  std::vector<Seen> seen = look();
  const bool changed = seen != seen_;
  if (!changed && now < read_at_ + kTicketKeys) return next_;
  seen_ = std::move(seen);
  if (auto done = read(); !done) {
    // A renewal writes two files one after the other: the next look may find them right.
    log_.error("certificates could not be read again, the former ones stay",
               log::kv("error", done.error().message));
    read_at_ = now;
  } else if (changed) {
    log_.info("certificates were read again");
  }
  return next_;
}

}  // namespace rr::net::tls
