#include "shots.h"

#include <algorithm>
#include <iostream>
#include <thread>

#include <gtest/gtest.h>

namespace rr::e2e {

Shot identity(std::uint64_t number, Killed killed) {
  const std::string id = "s" + std::to_string(number);
  return {request("POST", "/identity?id=" + id, "Content-Type: text/plain\r\nX-Id: " + id + "\r\n",
                  std::string(number % 5000, 'x')),
          [id, killed](const Response& reply) {
            if (reply.status == 500 && killed == Killed::yes) return true;
            return reply.status == 200 && reply.body.starts_with(id + " " + id + " ");
          },
          "/identity " + id};
}

Shot expecting(const std::string& target, std::vector<int> statuses) {
  return {request("GET", target),
          [statuses = std::move(statuses)](const Response& reply) {
            return std::ranges::count(statuses, reply.status) > 0;
          },
          target};
}

Shot often_failing(const Style& style, std::mt19937& random, std::uint64_t number, Killed killed) {
  const bool process = !style.thread();
  switch (random() % 60) {
    case 0:
      return expecting("/throw", {500});
    case 1:
      return expecting("/fatal", {500});
    case 2:
      return expecting("/exit", {200, 500});
    case 3:
      return expecting("/memory", {500});
    case 4:
      return expecting(process ? "/crash?signal=9" : "/throw", {500});
    case 5:
      return expecting(process ? "/crash?signal=11" : "/fatal", {500});
    case 6:
      return random() % 10 == 0 ? expecting("/spin?ms=20000", {500})
                                : expecting("/sleep?ms=5", {200, 500});
    default:
      return identity(number, killed);
  }
}

Usage settled(const Server& server, long children) {
  eventually([&] { return server.usage().children == children; }, 10s);
  std::this_thread::sleep_for(200ms);
  return server.usage();
}

void expect_back(const Usage& before, const Usage& after) {
  std::cout << "  descriptors " << before.descriptors << " -> " << after.descriptors << ", threads "
            << before.threads << " -> " << after.threads << ", processes " << before.children
            << " -> " << after.children << ", KiB " << before.rss_kib << " -> " << after.rss_kib
            << '\n';
  EXPECT_EQ(after.children, before.children);
  EXPECT_LE(after.descriptors, before.descriptors + 2);
  EXPECT_LE(after.threads, before.threads + 1);
  if (sanitizer().empty()) {  // they keep what was freed
    EXPECT_LE(after.rss_kib, before.rss_kib + before.rss_kib / 10 + 8192);
  }
}

}  // namespace rr::e2e
