#include "runner/cli/option_groups.h"

#include <CLI/CLI.hpp>
#include <charconv>

#include "pipelines/base/size.h"

namespace pipeline::cli {

namespace {

const std::map<std::string, EventName>& events() {
  static const std::map<std::string, EventName> the_events = {
      {"push", EventName::push},
      {"tag", EventName::tag},
      {"pull_request", EventName::pull_request},
      {"schedule", EventName::schedule},
      {"pipeline", EventName::pipeline},
      {"manual", EventName::manual}};
  return the_events;
}

// "build", or "lib/build": of another repository.
void take_upstream(const std::string& text, EventWish& wish) {
  const auto slash = text.find('/');
  wish.upstream = slash == std::string::npos ? text : text.substr(slash + 1);
  wish.upstream_repository = slash == std::string::npos ? "" : text.substr(0, slash);
}

// What one event has and another has not is a mistake, not left out.
void check(const std::optional<EventWish>& wish) {
  if (!wish) return;
  if (wish->schedule && wish->event != EventName::schedule) {
    throw CLI::ValidationError("--schedule", "only --event schedule has one");
  }
  if (wish->tag && (wish->event == EventName::push || wish->event == EventName::pull_request)) {
    throw CLI::ValidationError("--tag", "a tag is pushed by --event tag");
  }
  if (wish->upstream.empty() != (wish->event != EventName::pipeline)) {
    throw CLI::ValidationError("--after", "--event pipeline, and nothing else, has one");
  }
  if (wish->branch && wish->event == EventName::tag) {
    throw CLI::ValidationError("--branch", "--event tag has none");
  }
}

}  // namespace

std::uint64_t positive_number_of(const std::string& text, const std::string& what) {
  std::uint64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size() || value == 0) {
    throw CLI::ValidationError(what, "'" + text + "' is not a positive number");
  }
  return value;
}

std::uint64_t size_of(const std::string& text, const std::string& what) {
  const auto size = base::parse_size(text);
  if (!size) throw CLI::ValidationError(what, size.error().message());
  return *size;
}

RunName run_name_of(const std::string& text) {
  if (text == "last") return std::nullopt;
  if (text.empty() || text.find_first_not_of("0123456789") != std::string::npos) {
    throw CLI::ValidationError("RUN", "'" + text + "' is neither a number nor `last`");
  }
  return positive_number_of(text, "RUN");
}

void add_run_name(CLI::App& command, RunName& run) {
  command
      .add_option_function<std::string>(
          "RUN", [&run](const std::string& text) { run = run_name_of(text); }, kRunMeaning)
      ->required();
}

void add_secret_sources(CLI::App& command, SecretOptions& secrets) {
  command
      .add_option("--env-file", secrets.env_file,
                  "KEY=VALUE lines: where stages find their `secrets`")
      ->type_name("FILE");
  command
      .add_option("--secret-from-env", secrets.from_env,
                  "a variable of your environment, for stages that name it in `secrets`; may be "
                  "repeated")
      ->allow_extra_args(false)
      ->type_name("NAME");
  command
      .add_option("--secret-command", secrets.commands,
                  "what COMMAND prints, for stages that name it; may be repeated. Others are "
                  "looked for among those that `pipeline secret set` keeps")
      ->allow_extra_args(false)
      ->type_name("NAME=COMMAND");
}

void add_event(CLI::App& command, std::optional<EventWish>& event) {
  const auto wish = [&event]() -> EventWish& { return event ? *event : event.emplace(); };
  CLI::Option* which =
      command
          .add_option_function<std::string>(
              "--event", [wish](const std::string& name) { wish().event = events().at(name); },
              "whether this event would start a run, and why; then what that run would do")
          ->check(CLI::IsMember({"push", "tag", "pull_request", "schedule", "pipeline", "manual"}))
          ->type_name("push|tag|pull_request|schedule|pipeline|manual");
  const auto with_event = [&command, which](const char* name,
                                            const std::function<void(const std::string&)>& take,
                                            const char* type, const char* what) {
    return command.add_option_function<std::string>(name, take, what)
        ->type_name(type)
        ->needs(which);
  };
  with_event(
      "--branch", [wish](const std::string& name) { wish().branch = name; }, "BRANCH",
      "event: the branch that is pushed, that a pull request goes to, or that --after ran on");
  with_event(
      "--tag", [wish](const std::string& name) { wish().tag = name; }, "TAG",
      "event: the tag that is pushed");
  command
      .add_option_function<std::vector<std::string>>(
          "--changed", [wish](const std::vector<std::string>& paths) { wish().changed = paths; },
          "event: a path that it changes; may be repeated; default: not known")
      ->allow_extra_args(false)
      ->type_name("FILE")
      ->needs(which);
  with_event(
      "--schedule", [wish](const std::string& name) { wish().schedule = name; }, "SCHEDULE",
      "event: which schedule fires; also shows when it does next");
  with_event(
      "--after", [wish](const std::string& name) { take_upstream(name, wish()); },
      "[REPOSITORY/]PIPELINE", "event: which pipeline has succeeded");
  command.parse_complete_callback([&event] { check(event); });
}

void add_server(CLI::App& command, ServerChoice& server, const std::string& url_meaning) {
  command.add_option("--server", server.url, url_meaning)->type_name("ADDRESS");
  command
      .add_option("--token-file", server.token_file,
                  "holds the token for the server; default: PIPELINE_TOKEN")
      ->type_name("FILE");
  command
      .add_option("--ca-file", server.authority_file,
                  "certificate of the authority that vouches for the server, in PEM")
      ->type_name("FILE");
}

void add_place(CLI::App& command, ServerChoice& server, const std::string& url_meaning) {
  add_server(command, server, url_meaning + "; default: PIPELINE_SERVER, else this machine");
  command.add_flag("--local", server.local, "on this machine, also where PIPELINE_SERVER is set")
      ->excludes("--server")
      ->excludes("--token-file")
      ->excludes("--ca-file");
}

void add_format(CLI::App& command, Format& format, const std::string& what) {
  command.add_flag_callback(
      "--json", [&format] { format = Format::json; }, what);
}

}  // namespace pipeline::cli
