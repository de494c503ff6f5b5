// Compressing a file that is no longer written to.
#pragma once

#include <atomic>
#include <filesystem>

namespace rr::log {

// Writes `from` as gzip to `to`, with the owner and mode of `from`, and to disk. Any thread. False
// when it cannot be done or `give_up` became true; then there is no `to`.
bool gzip_file(const std::filesystem::path& from, const std::filesystem::path& to,
               const std::atomic<bool>& give_up);

}  // namespace rr::log
