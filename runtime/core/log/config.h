// The `logs` section (spec 05 §5.1).
#pragma once

#include <map>
#include <optional>
#include <string>
#include <tuple>
#include <vector>

#include "rr/config.h"

namespace rr::log {

struct FileConfig {
  std::string log_output;
  config::Megabytes max_size{100};
  std::uint32_t max_age = 24;  // days
  std::uint32_t max_backups = 10;
  bool compress = false;

  static constexpr auto fields() {
    using config::field;
    return std::tuple{
        field("log_output", &FileConfig::log_output, "the file"),
        field("max_size", &FileConfig::max_size, "size at which the file is renamed"),
        field("max_age", &FileConfig::max_age, "days after which renamed files are removed"),
        field("max_backups", &FileConfig::max_backups, "renamed files to keep"),
        field("compress", &FileConfig::compress, "gzip renamed files"),
    };
  }
  void settle() {
    if (max_size.count == 0) max_size.count = 100;
    if (max_age == 0) max_age = 24;
    if (max_backups == 0) max_backups = 10;
  }
};

// One channel. It inherits nothing from the root: what is unset has the defaults below.
struct ChannelConfig {
  std::string mode;
  std::string level;
  std::string encoding;
  std::string line_ending = "\n";
  std::vector<std::string> output{"stderr"};
  std::vector<std::string> err_output{"stderr"};
  std::optional<FileConfig> file_logger_options;

  static constexpr auto fields() {
    using config::field;
    return std::tuple{
        field("mode", &ChannelConfig::mode, "development, production, raw, none, off"),
        field("level", &ChannelConfig::level, "debug, info, warn, error; panic: nothing"),
        field("encoding", &ChannelConfig::encoding, "console or json; default: the mode's"),
        field("line_ending", &ChannelConfig::line_ending, "written behind each record"),
        field("output", &ChannelConfig::output,
              "stdout, stderr, files; all of them get each record"),
        field("err_output", &ChannelConfig::err_output, "for errors of the log itself"),
        field("file_logger_options", &ChannelConfig::file_logger_options,
              "JSON into a file with rotation, in place of output"),
    };
  }
  void settle() {
    if (line_ending.empty()) line_ending = "\n";
    if (output.empty()) output = {"stderr"};
  }
  // Unknown modes and levels are RoadRunner's to ignore: they are warnings.
  void check(config::Errors& errors) const;
};

struct LogsConfig : ChannelConfig {
  std::map<std::string, ChannelConfig> channels;

  LogsConfig() {
    mode = "development";
    level = "debug";
  }

  static constexpr auto fields() {
    return std::tuple_cat(
        ChannelConfig::fields(),
        std::tuple{config::field("channels", &LogsConfig::channels,
                                 "settings of one logger: server, http, rpc, …")});
  }
};

}  // namespace rr::log
