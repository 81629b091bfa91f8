#include "runner/cli/kept_directory.h"

namespace pipeline::cli {

namespace fs = std::filesystem;
using base::Error;
using base::ErrorKind;
using base::Result;

Result<fs::path> kept_directory(const std::optional<fs::path>& data) {
  if (!data) return store::Paths::default_root();
  std::error_code error;
  fs::path whole = fs::absolute(*data, error).lexically_normal();
  if (error) return base::fail(Error::from_errno(error.value(), "find " + data->string()));
  return whole;
}

Result<store::Paths> existing_state(const std::optional<fs::path>& data) {
  PIPELINE_ASSIGN(const fs::path root, kept_directory(data));
  std::error_code error;
  if (fs::exists(store::Paths(root).database(), error)) return store::Paths::open(root);
  return base::fail(
      Error(ErrorKind::invalid, root.string() + " is no state directory: it has no pipeline.db")
          .hint("--data names the one of a server, PIPELINE_HOME another default"));
}

Result<std::unique_ptr<Stoppable>> Stoppable::begin() {
  auto stoppable = std::make_unique<Stoppable>();
  PIPELINE_ASSIGN(stoppable->interrupts,
                  Interrupts::watch([source = stoppable->source](int /*count*/) mutable {
                    source.request_stop();
                  }));
  return stoppable;
}

}  // namespace pipeline::cli
