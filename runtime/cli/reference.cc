// `__reference`, hidden: writes docs/reference.md, or with --schema the schema for editors.
#include "runtime/core/config/reference.h"

#include "runtime/app/sections.h"
#include "runtime/cli/command.h"
#include "runtime/cli/output.h"
#include "runtime/core/config/schema.h"

namespace rr::cli {

int run_reference(const Invocation& invocation) {
  const auto sections = app::known_sections();
  print(invocation.has("schema") ? config::schema_text(sections)
                                 : config::reference_page(sections));
  return 0;
}

}  // namespace rr::cli
