// The requests of storms, and what a server holds before and after one.
#pragma once

#include <string>
#include <vector>

#include "server.h"
#include "storm.h"
#include "styles.h"

namespace rr::e2e {

enum class Killed : std::uint8_t { no, yes };  // whether workers die of what no request does

// Echoes what only this request carries. A worker that is killed may cost it a 500.
Shot identity(std::uint64_t number, Killed killed);
Shot expecting(const std::string& target, std::vector<int> statuses);
// One in ten makes its worker fail in one of the ways its style knows.
Shot often_failing(const Style& style, std::mt19937& random, std::uint64_t number, Killed killed);

// What a server holds once it has so many children and nothing happens any more.
Usage settled(const Server& server, long children);
// Descriptors, threads, processes and memory are what they were.
void expect_back(const Usage& before, const Usage& after);

}  // namespace rr::e2e
