#include "runtime/cli/detect.h"

#include <algorithm>
#include <fstream>
#include <string_view>
#include <vector>

namespace rr::cli {

namespace fs = std::filesystem;

namespace {

bool has(const fs::path& file) {
  std::error_code ignored;
  return fs::is_regular_file(file, ignored);
}

// Whether a script mentions a library of worker loops; the start of the file is enough.
std::string_view worker_library(const fs::path& script) {
  std::string text(64 * 1024, '\0');
  std::ifstream file(script, std::ios::binary);
  file.read(text.data(), static_cast<std::streamsize>(text.size()));
  text.resize(static_cast<std::size_t>(file.gcount()));
  for (const std::string_view word :
       {"RrEmbed\\Http", "RrEmbed\\Worker", "rr_embed_handle_request", "PSR7Worker", "Psr7Worker",
        "Spiral\\RoadRunner", "Spiral\\Goridge"}) {
    if (text.find(word) != std::string::npos) return word;
  }
  return {};
}

// Scripts of a folder, those whose name says "worker" first.
std::vector<fs::path> scripts_of(const fs::path& folder) {
  std::vector<fs::path> scripts;
  std::error_code ignored;
  for (const auto& entry : fs::directory_iterator(folder, ignored)) {
    if (entry.path().extension() == ".php" && has(entry.path())) scripts.push_back(entry.path());
  }
  const auto rank = [](const fs::path& script) {
    const bool named = script.filename().string().find("worker") != std::string::npos;
    return std::pair(!named, script.filename().string());
  };
  std::sort(scripts.begin(), scripts.end(),
            [&](const fs::path& a, const fs::path& b) { return rank(a) < rank(b); });
  return scripts;
}

std::optional<Application> find_worker(const fs::path& folder) {
  for (const fs::path& part : {folder, folder / "bin", folder / "public"}) {
    for (const fs::path& script : scripts_of(part)) {
      const std::string_view library = worker_library(script);
      if (library.empty()) continue;
      return Application{Kind::worker, script,
                         "a worker script (" + script.lexically_relative(folder).string() +
                             " mentions " + std::string(library) + ")"};
    }
  }
  return std::nullopt;
}

}  // namespace

std::optional<Application> detect(const fs::path& given) {
  const fs::path folder = fs::absolute(given).lexically_normal();
  const fs::path index = folder / "public" / "index.php";
  if (has(index)) {
    if (has(folder / "artisan") && has(folder / "bootstrap" / "app.php")) {
      return Application{Kind::laravel, index, "Laravel (artisan, bootstrap/app.php)"};
    }
    for (const char* second : {"src/Kernel.php", "config/bundles.php"}) {
      if (has(folder / "bin" / "console") && has(folder / second)) {
        return Application{Kind::symfony, index,
                           "Symfony (bin/console, " + std::string(second) + ")"};
      }
    }
  }
  if (auto worker = find_worker(folder)) return worker;
  if (has(index)) return Application{Kind::entrance, index, "public/index.php"};
  if (has(folder / "index.php"))
    return Application{Kind::entrance, folder / "index.php", "index.php"};
  return std::nullopt;
}

Application detect_script(const fs::path& given) {
  const fs::path script = fs::absolute(given).lexically_normal();
  const std::string name = script.filename().string();
  const std::string_view library = worker_library(script);
  if (library.empty()) return {Kind::entrance, script, name};
  return {Kind::worker, script,
          "a worker script (" + name + " mentions " + std::string(library) + ")"};
}

std::string mode_for(Kind kind) {
  return kind == Kind::worker ? "embed" : "classic";
}

}  // namespace rr::cli
