// Configuration text: YAML, JSON, dotenv, overrides; what loads is expanded, decoded and reviewed.
#include "runtime/core/log/config.h"

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>

#include "runtime/app/server_config.h"
#include "runtime/core/config/dotenv.h"
#include "runtime/core/config/expand.h"
#include "runtime/core/config/json.h"
#include "runtime/core/config/overrides.h"
#include "runtime/core/config/review.h"
#include "runtime/core/config/yaml.h"
#include "runtime/plugins/http/config.h"
#include "runtime/plugins/rpc/config.h"

namespace {

using namespace rr;

void require(bool condition) {
  if (!condition) std::abort();
}

template <class T>
void decode(const config::Node& root, std::string_view name) {
  const config::Node* node = root.find(name);
  if (node == nullptr) return;
  T out;
  config::Errors errors;
  config::Errors::Scope scope(errors, name, *node);
  config::decode_value(*node, out, errors);
  errors.throw_if_any({"fuzz", "decode"});
}

void use(config::Node root) {
  config::expand(
      root, [](const std::string& name) { return std::optional(name); },
      [](const config::Node&) {});
  static_cast<void>(
      config::to_json(root).dump(-1, ' ', false, nlohmann::json::error_handler_t::replace));
  for (const config::Finding& finding :
       config::review(root, {config::describe<http::HttpConfig>("http"),
                             config::describe<log::LogsConfig>("logs")})) {
    require(!finding.text.empty());
  }
  decode<http::HttpConfig>(root, "http");
  decode<app::ServerConfig>(root, "server");
  decode<log::LogsConfig>(root, "logs");
  decode<rpc::RpcConfig>(root, "rpc");
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  const std::string text(reinterpret_cast<const char*>(data) + 1, size - 1);
  try {
    switch (data[0]) {
      case 'y':
        use(config::parse_yaml(text, "fuzz.yaml"));
        break;
      case 'j':
        use(config::parse_json(text, "fuzz.json"));
        break;
      case 'e':
        config::parse_dotenv(text);
        break;
      case 'o': {
        const config::Override parsed = config::parse_override(text);
        config::Node root = config::parse_yaml("a: {b: 1}\n", "fuzz.yaml");
        root.set(parsed.key, config::Node(parsed.value, {}));
        use(std::move(root));
        break;
      }
      default:
        use(config::parse_yaml(text, "fuzz.yaml"));
        break;
    }
  } catch (const ConfigError& e) {
    static_cast<void>(e.with_positions());
  }
  return 0;
}
