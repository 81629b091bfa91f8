#include "runner/cli/secret_sources.h"

#include <cstdlib>
#include <cstring>

#include "pipelines/config/formats.h"
#include "runner/cli/env_file.h"
#include "runner/cli/secret_command_source.h"
#include "runner/cli/user_mistake.h"
#include "stages/secret/rules.h"

namespace pipeline::cli {

namespace {

using base::Error;
using base::ErrorKind;
using base::Result;
using plan::SecretOrigin;
using Values = std::map<std::string, std::string>;

Result<Values> values_of_file(const std::filesystem::path& file, const Context& context) {
  const std::string attempt = "read the secrets of " + file.string();
  auto text = read_named_file(context.directory / file);
  if (!text) {
    return base::fail(std::move(text).error().during(attempt).hint(
        "--env-file names a file of NAME=VALUE lines"));
  }
  auto values = parse_env_file(*text);
  if (!values) return base::during(std::move(values), attempt);
  return values;
}

// The kernel shows the memory in which the environment came to whoever may look at the process: it
// has to be wiped, not just forgotten.
Result<std::string> take_variable(const std::string& name) {
  PIPELINE_TRY(config::parse_env_variable(name));
  char* const place = std::getenv(name.c_str());
  if (place == nullptr) {
    return base::fail(Error(ErrorKind::invalid, "the environment has no " + name)
                          .hint("--secret-from-env names a variable that is exported here"));
  }
  std::string value = place;
  ::explicit_bzero(place, value.size());
  ::unsetenv(name.c_str());
  PIPELINE_TRY(secret::check_value(name, value));
  return value;
}

Result<std::pair<std::string, std::string>> parse_command(const std::string& text) {
  const auto equals = text.find('=');
  if (equals == std::string::npos || equals + 1 == text.size()) {
    return base::fail(Error(ErrorKind::invalid, "--secret-command " + text + " has no command")
                          .hint("write NAME=COMMAND, for example TOKEN='pass show token'"));
  }
  std::string name = text.substr(0, equals);
  PIPELINE_TRY(config::parse_env_variable(name));
  return std::pair(std::move(name), text.substr(equals + 1));
}

}  // namespace

Result<SecretSources> SecretSources::open(const SecretOptions& options, const Context& context) {
  SecretSources sources;
  sources.directory_ = context.directory;
  for (const std::string& name : options.from_env) {
    if (sources.environment_.contains(name)) continue;
    PIPELINE_ASSIGN(sources.environment_[name], take_variable(name));
  }
  if (options.env_file) {
    PIPELINE_ASSIGN(sources.env_file_, values_of_file(*options.env_file, context));
  }
  for (const std::string& text : options.commands) {
    PIPELINE_ASSIGN(auto named, parse_command(text));
    sources.commands_.insert_or_assign(std::move(named.first), std::move(named.second));
  }
  return sources;
}

SecretOrigin SecretSources::given_by(const std::string& name) const {
  if (env_file_.contains(name)) return SecretOrigin::env_file;
  if (environment_.contains(name)) return SecretOrigin::environment;
  if (commands_.contains(name)) return SecretOrigin::command;
  return SecretOrigin::missing;
}

Result<plan::SecretOrigins> SecretSources::origins(const std::set<std::string>& names,
                                                   const std::string& repository,
                                                   Services& services) const {
  plan::SecretOrigins origins;
  for (const std::string& name : names) {
    origins[name] = given_by(name);
    if (origins[name] != SecretOrigin::missing) continue;
    PIPELINE_ASSIGN(store::SecretVault* const vault, services.secrets());
    PIPELINE_ASSIGN(const auto kept, vault->choose(name, repository));
    if (kept) origins[name] = kept->repository ? SecretOrigin::repository : SecretOrigin::global;
  }
  return origins;
}

Result<Values> SecretSources::fetch(const std::set<std::string>& names,
                                    const std::string& repository, Services& services) const {
  PIPELINE_ASSIGN(const plan::SecretOrigins origins, this->origins(names, repository, services));
  Values values;
  for (const auto& [name, origin] : origins) {
    switch (origin) {
      case SecretOrigin::missing:
        break;
      case SecretOrigin::env_file:
        values[name] = env_file_.at(name);
        break;
      case SecretOrigin::environment:
        values[name] = environment_.at(name);
        break;
      case SecretOrigin::command: {
        PIPELINE_ASSIGN(values[name], secret_of_command(name, commands_.at(name), directory_));
        break;
      }
      case SecretOrigin::repository:
      case SecretOrigin::global: {
        PIPELINE_ASSIGN(store::SecretVault* const vault, services.secrets());
        const bool is_own = origin == SecretOrigin::repository;
        PIPELINE_ASSIGN(auto value,
                        vault->get({is_own ? std::optional(repository) : std::nullopt, name}));
        if (value) values[name] = *std::move(value);
        break;
      }
    }
  }
  return values;
}

}  // namespace pipeline::cli
