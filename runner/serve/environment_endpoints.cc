#include "runner/serve/environment_endpoints.h"

#include <algorithm>
#include <boost/json.hpp>

#include "pipelines/base/text.h"
#include "pipelines/base/timestamp.h"
#include "pipelines/config/server_environment.h"
#include "runner/serve/hosted.h"
#include "runner/server/api/json_call.h"
#include "runner/server/http/problem.h"

namespace pipeline::serve {

namespace {

namespace json = boost::json;
using api::answer_json;
using api::answer_problem;
using api::Call;
using api::Scope;
using base::Error;
using base::ErrorKind;
using base::Result;

// A definition may be as long as a pipeline file, and JSON may double it.
constexpr std::uint64_t kLargestMessage = std::uint64_t{2} << 20U;
constexpr const char* kAll = "/api/v1/repositories/{name}/environments";
constexpr const char* kOne = "/api/v1/repositories/{name}/environments/{environment}";

json::object json_of(const store::EnvironmentEntry& entry) {
  return {{"repository", entry.repository},
          {"environment", entry.environment},
          {"text", entry.text},
          {"set_by", entry.set_by},
          {"set_at", base::format_timestamp(entry.set_at)}};
}

Error none_of_that_name(const Call& call) {
  return Error(ErrorKind::not_found, "the server defines no environment \"" +
                                         base::printable(call.part("environment")) + "\" of " +
                                         call.part("name"))
      .hint("pipeline environment list " + call.part("name") + " shows those that it does");
}

// The first mistake, as "file:line:column: sentence"; whoever sent it can see all of them himself.
Result<> check(const std::string& file, const std::string& name, const std::string& text) {
  const auto found = config::check_server_environment(name, text);
  const auto first =
      std::ranges::find(found, config::Severity::error, &config::Diagnostic::severity);
  if (first == found.end()) return {};
  Error error(ErrorKind::invalid, base::printable(file) + ':' + std::to_string(first->span.line) +
                                      ':' + std::to_string(first->span.column) + ": " +
                                      first->message);
  if (first->hint) error = std::move(error).hint(*first->hint);
  return base::fail(std::move(error));
}

}  // namespace

std::vector<api::Endpoint> EnvironmentEndpoints::endpoints() {
  const auto make = [this](const char* method, const char* path, const char* summary, Scope scope,
                           void (EnvironmentEndpoints::*handle)(const Call&)) {
    api::Endpoint endpoint{.method = method, .path = path, .summary = summary, .scope = scope};
    endpoint.about = api::About::asks_itself;
    if (endpoint.method == "POST") endpoint.largest_body = kLargestMessage;
    endpoint.handle = [this, handle](const Call& call) { (this->*handle)(call); };
    return endpoint;
  };
  return {make("POST", kOne,
               "Defines an environment, which no commit of the repository changes then: \"text\" "
               "is TOML with a table [environment.NAME].",
               Scope::admin, &EnvironmentEndpoints::set),
          make("GET", kAll, "The environments that the server defines for a repository.",
               Scope::read, &EnvironmentEndpoints::list),
          make("GET", kOne, "An environment that the server defines for a repository.", Scope::read,
               &EnvironmentEndpoints::show),
          make("DELETE", kOne, "Leaves an environment to the repository's own files again.",
               Scope::admin, &EnvironmentEndpoints::remove)};
}

Result<> EnvironmentEndpoints::expect(const Call& call, Scope wanted) {
  const std::string& name = call.part("name");
  PIPELINE_TRY(parts_.access.expect(call.caller, wanted, {name}));
  PIPELINE_ASSIGN(const auto known, parts_.repositories.find(name));
  if (known) return {};
  return base::fail(no_repository(name));
}

void EnvironmentEndpoints::set(const Call& call) {
  if (const auto may = expect(call, Scope::admin); !may) return answer_problem(call, may.error());
  const auto object = api::object_in(call);
  if (!object) return answer_problem(call, object.error());
  const auto text = api::text_in(*object, "text");
  if (!text) return answer_problem(call, text.error());
  const auto file = api::text_in(*object, "file");
  if (!file) return answer_problem(call, file.error());
  store::EnvironmentEntry entry{.repository = call.part("name"),
                                .environment = call.part("environment"),
                                .text = text->value_or(""),
                                .set_by = call.caller.name,
                                .set_at = parts_.clock.now()};
  if (const auto good = check(file->value_or("text"), entry.environment, entry.text); !good)
    return answer_problem(call, good.error());
  if (const auto kept = parts_.environments.set(entry); !kept)
    return answer_problem(call, kept.error());
  answer_json(call, json_of(entry), 201);
}

void EnvironmentEndpoints::list(const Call& call) {
  if (const auto may = expect(call, Scope::read); !may) return answer_problem(call, may.error());
  const auto all = parts_.environments.list(call.part("name"));
  if (!all) return answer_problem(call, all.error());
  json::array list;
  for (const auto& entry : *all) list.push_back(json_of(entry));
  answer_json(call, json::object{{"environments", std::move(list)}});
}

void EnvironmentEndpoints::show(const Call& call) {
  if (const auto may = expect(call, Scope::read); !may) return answer_problem(call, may.error());
  const auto entry = parts_.environments.find(call.part("name"), call.part("environment"));
  if (!entry) return answer_problem(call, entry.error());
  if (!*entry) return answer_problem(call, none_of_that_name(call));
  answer_json(call, json_of(**entry));
}

void EnvironmentEndpoints::remove(const Call& call) {
  if (const auto may = expect(call, Scope::admin); !may) return answer_problem(call, may.error());
  const auto removed = parts_.environments.remove(call.part("name"), call.part("environment"));
  if (!removed) return answer_problem(call, removed.error());
  if (!*removed) return answer_problem(call, none_of_that_name(call));
  api::answer_nothing(call);
}

}  // namespace pipeline::serve
