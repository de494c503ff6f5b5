#include "storm.h"

#include <optional>
#include <thread>

namespace rr::e2e {

void Tally::count(int status, std::chrono::milliseconds took) {
  ++answered_;
  if (status == 200) ++good_;
  for (auto longest = longest_.load();
       took.count() > longest && !longest_.compare_exchange_weak(longest, took.count());) {
  }
}

void Tally::wrong(const std::string& what) {
  const std::lock_guard lock(mutex_);
  ++wrong_;
  if (complaints_.size() < 10) complaints_.push_back(what);
}

std::string Tally::complaints() const {
  const std::lock_guard lock(mutex_);
  std::string all = std::to_string(wrong_) + " complaints:\n";
  for (const auto& one : complaints_) all += "  " + one + "\n";
  return all;
}

bool Tally::clean() const {
  const std::lock_guard lock(mutex_);
  return wrong_ == 0;
}

namespace {

void client(std::uint16_t port, std::atomic<std::uint64_t>& issued, std::uint64_t total,
            unsigned seed, const std::function<Shot(std::mt19937&, std::uint64_t)>& next,
            Tally& tally) {
  std::mt19937 random(seed);
  std::optional<Client> link;
  for (std::uint64_t number = issued++; number < total; number = issued++) {
    const Shot shot = next(random, number);
    try {
      if (!link) {
        link.emplace(Client::tcp(port));
        link->set_timeout(patience(30s));
      }
      const auto began = std::chrono::steady_clock::now();
      link->send(shot.bytes);
      const Response reply = link->read();
      tally.count(reply.status, std::chrono::duration_cast<std::chrono::milliseconds>(
                                    std::chrono::steady_clock::now() - began));
      if (!shot.right(reply)) {
        tally.wrong(shot.what + " was answered with " + std::to_string(reply.status) + " " +
                    reply.body.substr(0, 200));
      }
      if (reply.header("connection") == "close") {
        if (const auto more = link->read_to_end(); !more.empty())
          tally.wrong("answered twice: " + more.substr(0, 200));
        link.reset();
      } else if (number % 64 == 0) {
        if (!link->stays_silent(1ms))
          tally.wrong(shot.what + ": more came, or the connection was closed without notice");
      }
    } catch (const std::exception& error) {
      tally.wrong(shot.what + " has no answer: " + error.what());
      link.reset();
    }
  }
  if (link && !link->stays_silent(20ms)) tally.wrong("more came than was asked for");
}

}  // namespace

void storm(std::uint16_t port, int clients, std::uint64_t total,
           const std::function<Shot(std::mt19937&, std::uint64_t)>& next, Tally& tally) {
  std::atomic<std::uint64_t> issued{0};
  std::vector<std::thread> threads;
  for (int i = 0; i < clients; ++i) {
    threads.emplace_back(
        [&, i] { client(port, issued, total, static_cast<unsigned>(i + 1), next, tally); });
  }
  for (auto& thread : threads) thread.join();
}

Mischief::Mischief(std::chrono::milliseconds least, std::chrono::milliseconds most,
                   std::function<void(std::mt19937&)> act)
    : thread_([this, least, most, act = std::move(act)] {
        std::mt19937 random(4711);
        std::uniform_int_distribution<long> pause(least.count(), most.count());
        while (!stopping_) {
          std::this_thread::sleep_for(std::chrono::milliseconds(pause(random)));
          if (!stopping_) act(random);
        }
      }) {}

Mischief::~Mischief() {
  stopping_ = true;
  thread_.join();
}

}  // namespace rr::e2e
