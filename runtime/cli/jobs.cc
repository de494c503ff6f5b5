// `jobs`: lists, pauses, resumes and destroys pipelines of the running server.
#include "runtime/cli/command.h"
#include "runtime/cli/output.h"
#include "runtime/cli/rpc_client.h"
#include "runtime/cli/table.h"

namespace rr::cli {

namespace {

[[noreturn]] void fail(std::string text) {
  throw ConfigError({}, std::move(text), {});
}

constexpr char kNameTag = 0x0A;  // field 1 of jobs.v1.Pipelines: repeated string pipelines

std::string varint(std::size_t value) {
  std::string bytes;
  for (; value >= 0x80; value >>= 7U) bytes += static_cast<char>(value | 0x80U);
  return bytes + static_cast<char>(value);
}

std::string encode(const std::vector<std::string>& names) {
  std::string message;
  for (const std::string& name : names) message += kNameTag + varint(name.size()) + name;
  return message;
}

std::vector<std::string> decode(std::string_view message) {
  std::vector<std::string> names;
  while (!message.empty()) {
    if (message.front() != kNameTag) fail("the answer of the server is no list of pipelines");
    message.remove_prefix(1);
    std::size_t size = 0;
    for (unsigned shift = 0; shift < 32; shift += 7) {
      if (message.empty()) fail("the answer of the server is cut off");
      const auto byte = static_cast<unsigned char>(message.front());
      message.remove_prefix(1);
      size |= static_cast<std::size_t>(byte & 0x7FU) << shift;
      if (byte < 0x80) break;
    }
    if (size > message.size()) fail("the answer of the server is cut off");
    names.emplace_back(message.substr(0, size));
    message.remove_prefix(size);
  }
  return names;
}

void print_names(const std::vector<std::string>& names) {
  Table table({"PIPELINE ( S )"});
  for (const std::string& name : names) table.add({name});
  print(table.text());
}

// "one,two"; further arguments count for nothing.
std::vector<std::string> names_of(const Invocation& invocation, const std::string& action) {
  if (invocation.arguments.empty()) {
    fail("incorrect command usage, should be: rr jobs --" + action + " pipe1,pipe2");
  }
  std::string_view text = invocation.arguments.front();
  while (text.starts_with(' ')) text.remove_prefix(1);
  while (text.ends_with(' ')) text.remove_suffix(1);
  std::vector<std::string> names;
  for (;;) {
    const std::size_t comma = text.find(',');
    names.emplace_back(text.substr(0, comma));
    if (comma == std::string_view::npos) return names;
    text.remove_prefix(comma + 1);
  }
}

}  // namespace

int run_jobs(const Invocation& invocation) {
  RpcClient server(rpc_address(invocation.globals));
  const bool silent = invocation.globals.silent;
  for (const auto& [action, method] :
       {std::pair{"pause", "jobs.Pause"}, {"destroy", "jobs.Destroy"}, {"resume", "jobs.Resume"}}) {
    if (!invocation.has(action)) continue;
    std::vector<std::string> names = names_of(invocation, action);
    const std::string reply = server.call_proto(method, encode(names));
    if (action == std::string_view("destroy")) names = decode(reply);
    if (!silent) print_names(names);
    return 0;
  }
  if (invocation.has("list")) {
    print_names(decode(server.call_proto("jobs.List", {})));
    return 0;
  }
  fail("command should be in form of: `rr jobs --<destroy/resume/pause> pipe1,pipe2`");
}

}  // namespace rr::cli
