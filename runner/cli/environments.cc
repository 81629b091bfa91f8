#include "runner/cli/environments.h"

#include "pipelines/base/text.h"
#include "runner/cli/working_folder.h"

namespace pipeline::cli {

std::string to_string(const deploy::EnvironmentKey& key) {
  return key.pipeline + "/" + key.environment;
}

base::Result<deploy::EnvironmentKey> find_environment(
    const std::string& name, const std::vector<deploy::EnvironmentKey>& all) {
  std::vector<std::string> names;
  std::vector<deploy::EnvironmentKey> found;
  for (const deploy::EnvironmentKey& key : all) {
    names.push_back(to_string(key));
    if (key.environment == name || to_string(key) == name) found.push_back(key);
  }
  if (found.size() == 1) return found.front();
  if (found.empty()) {
    return base::fail(
        base::Error(base::ErrorKind::invalid, "nothing was ever deployed to \"" + name + "\"")
            .hint(names.empty() ? "pipeline deploy, or a deploy stage, brings something there"
                                : "there are: " + base::join(names, ", ")));
  }
  return base::fail(base::Error(base::ErrorKind::invalid,
                                "several pipelines have an environment \"" + name + "\"")
                        .hint("name one of: " + base::join(names, ", ")));
}

base::Result<> check_owner(const std::string& name, const deploy::EnvironmentKey& key,
                           const std::string& owner, const std::filesystem::path& directory) {
  if (name == to_string(key)) return {};
  const std::filesystem::path here = WorkingFolder(directory).root();
  std::error_code ignored;
  const bool in_repository = std::filesystem::exists(here / ".git", ignored);
  if (owner.empty() || owner == here.string() || !in_repository) return {};
  return base::fail(base::Error(base::ErrorKind::invalid, to_string(key) + " belongs to " +
                                                              base::printable(owner) + ", not to " +
                                                              here.string())
                        .hint("if that one is meant, write " + to_string(key)));
}

}  // namespace pipeline::cli
