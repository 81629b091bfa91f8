#include "runner/cli/environments.h"

#include "pipelines/base/text.h"
#include "runner/cli/working_folder.h"

namespace pipeline::cli {

std::string to_string(const deploy::EnvironmentKey& key) {
  return key.pipeline + "/" + key.environment;
}

base::Result<deploy::EnvironmentKey> find_environment(const std::string& name,
                                                      deploy::Deployer& deployer) {
  PIPELINE_ASSIGN(const auto all, deployer.environments());
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

base::Result<deploy::EnvironmentKey> find_own_environment(const std::string& name,
                                                          deploy::Deployer& deployer,
                                                          const std::filesystem::path& directory) {
  PIPELINE_ASSIGN(const deploy::EnvironmentKey key, find_environment(name, deployer));
  if (name == to_string(key)) return key;
  PIPELINE_ASSIGN(const std::string owner, deployer.owner(key));
  const std::filesystem::path here = WorkingFolder(directory).root();
  std::error_code ignored;
  const bool in_repository = std::filesystem::exists(here / ".git", ignored);
  if (owner.empty() || owner == here.string() || !in_repository) return key;
  return base::fail(base::Error(base::ErrorKind::invalid, to_string(key) + " belongs to " +
                                                              base::printable(owner) + ", not to " +
                                                              here.string())
                        .hint("if that one is meant, write " + to_string(key)));
}

}  // namespace pipeline::cli
