// Finds out what kind of PHP application lies in a folder.
#pragma once

#include <filesystem>
#include <optional>
#include <string>

namespace rr::cli {

enum class Kind {
  laravel,
  symfony,
  worker,    // a script that loops on requests
  entrance,  // an index.php that is run for each request
};

struct Application {
  Kind kind;
  std::filesystem::path script;  // absolute
  std::string evidence;          // "Laravel (artisan, bootstrap/app.php)"
};

// Looks at the folder itself, its public/ and bin/. The first of Laravel, Symfony, worker script,
// public/index.php, index.php wins.
std::optional<Application> detect(const std::filesystem::path& folder);

// A script that somebody named: a worker when it talks to one of the worker libraries, else an
// entrance.
Application detect_script(const std::filesystem::path& script);

// The value of http.pool.mode that suits: "embed" for a worker, else "classic".
std::string mode_for(Kind kind);

}  // namespace rr::cli
