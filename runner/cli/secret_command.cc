// pipeline secret set, list and remove.
#include <unistd.h>

#include <algorithm>
#include <boost/json.hpp>

#include "pipelines/base/duration.h"
#include "pipelines/base/text.h"
#include "pipelines/base/timestamp.h"
#include "pipelines/config/formats.h"
#include "runner/cli/commands.h"
#include "runner/cli/render/table.h"
#include "runner/cli/run_names.h"
#include "runner/cli/secret_input.h"
#include "stages/source/location.h"

namespace pipeline::cli {

namespace {

using base::Error;
using base::ErrorKind;
using base::Result;

// As runs of it are stored under.
Result<std::string> repository_named(const std::string& text, const Context& context) {
  PIPELINE_ASSIGN(const source::Location location, source::parse_location(text));
  if (const auto* remote = std::get_if<source::RemoteLocation>(&location)) return remote->key;
  const auto path = context.directory / std::get<source::LocalLocation>(location).path;
  if (const auto repository = repository_at(path)) return *repository;
  std::error_code error;
  const auto bare = std::filesystem::canonical(path, error);
  if (!error && std::filesystem::exists(bare / "HEAD", error)) return bare.string();
  return base::fail(Error(ErrorKind::invalid, text + " is not a git repository")
                        .hint("--repository takes a path or a URL, as --repo of pipeline run"));
}

Result<std::optional<std::string>> scope_of(const SecretScope& scope, const Context& context) {
  if (scope.global) return std::optional<std::string>();
  if (scope.repository) {
    PIPELINE_ASSIGN(auto named, repository_named(*scope.repository, context));
    return std::optional(std::move(named));
  }
  if (auto here = repository_at(context.directory)) return here;
  return base::fail(Error(ErrorKind::invalid, "there is no git repository here")
                        .hint("--repository names one, --global means all repositories"));
}

std::string phrase(const std::optional<std::string>& repository) {
  return repository ? *repository : "all repositories";
}

boost::json::object json_of(const store::SecretEntry& entry) {
  boost::json::object object{{"name", entry.id.name},
                             {"scope", entry.id.repository ? "repository" : "global"}};
  if (entry.id.repository) object["repository"] = *entry.id.repository;
  object["set_at"] = base::format_timestamp(entry.set_at);
  return object;
}

std::string table_of(const std::vector<store::SecretEntry>& entries, base::TimePoint now,
                     const Console& console) {
  render::Table table({"secret", "set", "for"});
  for (const auto& entry : entries) {
    const auto age = std::chrono::duration_cast<base::Duration>(now - entry.set_at);
    table.add({{base::printable(entry.id.name)},
               {base::format_elapsed(age) + " ago"},
               {base::printable(phrase(entry.id.repository))}});
  }
  return table.render(console.out_color, console.out.width());
}

}  // namespace

Outcome execute(const SecretSetOptions& options, Context& context) {
  PIPELINE_TRY(config::parse_env_variable(options.name));
  PIPELINE_ASSIGN(auto repository, scope_of(options.scope, context));
  PIPELINE_ASSIGN(const std::string value,
                  read_secret(STDIN_FILENO, options.name, context.console.err));
  PIPELINE_ASSIGN(store::SecretVault* const vault, context.services.secrets());
  const store::SecretEntry entry{{repository, options.name}, context.services.clock().now()};
  PIPELINE_TRY(vault->set(entry, value));
  context.console.out.write(options.name + " is set for " + base::printable(phrase(repository)) +
                            "\n");
  return ExitCode::success;
}

Outcome execute(const SecretListOptions& options, Context& context) {
  PIPELINE_ASSIGN(store::SecretVault* const vault, context.services.secrets());
  PIPELINE_ASSIGN(auto entries, vault->list());
  std::string whose;
  if (options.scope.global || options.scope.repository || repository_at(context.directory)) {
    PIPELINE_ASSIGN(const auto repository, scope_of(options.scope, context));
    whose = " for " + base::printable(phrase(repository));
    std::erase_if(entries, [&](const store::SecretEntry& entry) {
      return entry.id.repository && entry.id.repository != repository;
    });
  }
  Console& console = context.console;
  if (options.format == Format::json) {
    for (const auto& entry : entries) {
      console.out.write(boost::json::serialize(json_of(entry)) + "\n");
    }
    return ExitCode::success;
  }
  console.out.write(entries.empty()
                        ? "no secrets" + whose + " yet; pipeline secret set NAME keeps one\n"
                        : table_of(entries, context.services.clock().now(), console));
  return ExitCode::success;
}

Outcome execute(const SecretRemoveOptions& options, Context& context) {
  PIPELINE_ASSIGN(auto repository, scope_of(options.scope, context));
  PIPELINE_ASSIGN(store::SecretVault* const vault, context.services.secrets());
  PIPELINE_ASSIGN(const bool was_there, vault->remove({repository, options.name}));
  if (!was_there) {
    return base::fail(Error(ErrorKind::invalid,
                            "there is no secret " + options.name + " for " + phrase(repository))
                          .hint("pipeline secret list shows those there are" +
                                std::string(repository ? "; --global takes one of all" : "")));
  }
  context.console.out.write(options.name + " is removed for " +
                            base::printable(phrase(repository)) + "\n");
  return ExitCode::success;
}

}  // namespace pipeline::cli
