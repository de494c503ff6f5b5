// Texts of configurations that the program writes itself.
#pragma once

#include <filesystem>
#include <string>

#include "runtime/cli/detect.h"

namespace rr::cli {

inline constexpr const char* kDefaultAddress = "127.0.0.1:8080";

// What `serve FOLDER|SCRIPT` runs with when there is no configuration.
std::string synthetic_config(const Application& application);

// The commented file of `init`; the script is named relative to `folder`.
std::string commented_config(const Application& application, const std::filesystem::path& folder);

}  // namespace rr::cli
