// pipeline completion, pipeline man: texts made from the grammar.
#include "runner/cli/commands.h"
#include "runner/cli/completion.h"
#include "runner/cli/manual.h"

namespace pipeline::cli {

Outcome execute(const CompletionOptions& options, Context& context) {
  context.console.out.write(completion_script(options.shell));
  return ExitCode::success;
}

Outcome execute(const ManOptions& /*options*/, Context& context) {
  context.console.out.write(manual_page());
  return ExitCode::success;
}

}  // namespace pipeline::cli
