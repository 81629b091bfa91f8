#include "stages/host/helper_program.h"

#include <unistd.h>

#include <cstdlib>
#include <vector>

namespace pipeline::host {

base::Result<std::filesystem::path> find_helper(const std::string& name,
                                                const std::filesystem::path& beside) {
  std::vector<std::filesystem::path> places = {beside, beside.parent_path() / "libexec/pipeline"};
  if (const char* place = std::getenv("PIPELINE_LIBEXEC"); place != nullptr && *place != '\0') {
    places.emplace_back(place);
  }
  std::string looked_in;
  for (const std::filesystem::path& place : places) {
    const std::filesystem::path program = place / name;
    if (::access(program.c_str(), X_OK) == 0) return program;
    looked_in += (looked_in.empty() ? "" : ", ") + place.string();
  }
  return base::fail(base::Error(base::ErrorKind::unavailable,
                                "the program " + name + " is in none of " + looked_in)
                        .hint("install it beside pipeline, or set PIPELINE_LIBEXEC to its place"));
}

base::Result<std::filesystem::path> find_helper(const std::string& name) {
  std::error_code error;
  const auto self = std::filesystem::read_symlink("/proc/self/exe", error);
  if (error) return base::fail(base::Error::from_errno(error.value(), "find the running program"));
  return find_helper(name, self.parent_path());
}

}  // namespace pipeline::host
