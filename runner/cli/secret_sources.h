// Where the secrets of a run come from, in this order: --env-file, --secret-from-env,
// --secret-command, those kept for the repository, those kept for all. What nobody asks for is
// neither run nor decrypted. Threads: one.
#pragma once

#include <map>
#include <set>
#include <string>

#include "pipelines/plan/secret_origin.h"
#include "runner/cli/commands.h"

namespace pipeline::cli {

class SecretSources {
 public:
  // Reads the file, and takes the variables out of the environment: neither /proc/self/environ nor
  // a program that is started from now on has them. Call it before anything is started.
  // ErrorKind::invalid for what is not there, is no secret, or is no NAME.
  static base::Result<SecretSources> open(const SecretOptions& options, const Context& context);

  // Those of the names that some source has. `services` opens the vault when it is needed.
  base::Result<std::map<std::string, std::string>> fetch(const std::set<std::string>& names,
                                                         const std::string& repository,
                                                         Services& services) const;
  // Without reading a value that is kept, and without running a command.
  base::Result<plan::SecretOrigins> origins(const std::set<std::string>& names,
                                            const std::string& repository,
                                            Services& services) const;

 private:
  plan::SecretOrigin given_by(const std::string& name) const;

  std::filesystem::path directory_;
  std::map<std::string, std::string> env_file_;
  std::map<std::string, std::string> environment_;
  std::map<std::string, std::string> commands_;
};

}  // namespace pipeline::cli
