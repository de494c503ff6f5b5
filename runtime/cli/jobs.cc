// `jobs`: lists, pauses, resumes and destroys pipelines of the running server.
#include "rr/protobuf.h"
#include "runtime/cli/command.h"
#include "runtime/cli/output.h"
#include "runtime/cli/rpc_client.h"
#include "runtime/cli/table.h"

namespace rr::cli {

namespace {

[[noreturn]] void fail(std::string text) {
  throw ConfigError({}, std::move(text), {});
}

constexpr unsigned kPipelines = 1;  // of jobs.v1.Pipelines: repeated string pipelines

std::string encode(const std::vector<std::string>& names) {
  std::string message;
  for (const std::string& name : names) proto::append_bytes(message, kPipelines, name);
  return message;
}

std::vector<std::string> decode(std::string_view message) {
  std::vector<std::string> names;
  proto::Reader fields(message);
  while (fields.next()) {
    if (!fields.is(kPipelines, proto::Wire::bytes))
      fail("the answer of the server is no list of pipelines");
    names.emplace_back(fields.bytes());
  }
  if (!fields.good()) fail("the answer of the server is cut off");
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
