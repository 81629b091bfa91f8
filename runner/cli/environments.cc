#include "runner/cli/environments.h"

#include "pipelines/base/text.h"

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
        base::Error(base::ErrorKind::not_found, "nothing was ever deployed to \"" + name + "\"")
            .hint(names.empty() ? "pipeline deploy, or a deploy stage, brings something there"
                                : "there are: " + base::join(names, ", ")));
  }
  return base::fail(base::Error(base::ErrorKind::invalid,
                                "several pipelines have an environment \"" + name + "\"")
                        .hint("name one of: " + base::join(names, ", ")));
}

}  // namespace pipeline::cli
