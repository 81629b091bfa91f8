// [[stage]], [defaults], `sandbox` and `artifacts`.
#include <variant>

#include "pipelines/config/later.h"
#include "pipelines/config/scalars.h"
#include "pipelines/config/tables.h"

namespace pipeline::config {

namespace {

using model::ApprovalWork;
using model::ArtifactSpec;
using model::CacheSpec;
using model::ChildWork;
using model::CommandWork;
using model::DeployWork;
using model::RetrySpec;
using model::SandboxSpec;
using model::Stage;
using model::StageKind;

// [defaults] are made for commands; people take longer.
constexpr base::Duration kApprovalTimeout = std::chrono::hours(7 * 24);

// A key is read only when the stage's kind may use it, so the alternative is the right one.
CommandWork& command(Stage& stage) {
  return std::get<CommandWork>(stage.work);
}
ApprovalWork& approval(Stage& stage) {
  return std::get<ApprovalWork>(stage.work);
}
ChildWork& child(Stage& stage) {
  return std::get<ChildWork>(stage.work);
}
DeployWork& deploy(Stage& stage) {
  return std::get<DeployWork>(stage.work);
}

const std::vector<std::string>& command_kinds() {
  static const std::vector<std::string> kinds = {"command", "unit", "integration", "acceptance"};
  return kinds;
}

Type<StageKind> stage_kind() {
  return choice<StageKind>({{"command", StageKind::command},
                            {"unit", StageKind::unit},
                            {"integration", StageKind::integration},
                            {"acceptance", StageKind::acceptance},
                            {"deploy", StageKind::deploy},
                            {"approval", StageKind::approval},
                            {"pipeline", StageKind::pipeline}});
}

bool read_kind(const Node& node, Stage& stage, Problems& problems) {
  static const Type<StageKind> type = stage_kind();
  if (!type.read(node, stage.kind, problems)) return false;
  if (stage.kind == StageKind::deploy) stage.work = DeployWork{};
  if (stage.kind == StageKind::pipeline) stage.work = ChildWork{};
  if (stage.kind == StageKind::approval) {
    stage.work = ApprovalWork{};
    stage.timeout = kApprovalTimeout;
  }
  return true;
}

bool read_needs(const Node& node, Stage& stage, Problems& problems) {
  static const auto name_type = need_name();
  if (node.list() == nullptr) return report_wrong_type(node, "a list of stages' names", problems);
  auto& needs = stage.needs.emplace();
  bool good = true;
  for (const Node& item : *node.list()) {
    std::string stage_name;
    if (!name_type.read(item, stage_name, problems)) {
      good = false;
      continue;
    }
    const bool optional = stage_name.ends_with('?');
    if (optional) stage_name.pop_back();
    needs.push_back({std::move(stage_name), optional, item.span});
  }
  return good;
}

const Table<ArtifactSpec>& artifact_table() {
  static const auto the_table = [] {
    Table<ArtifactSpec> table("artifact", "files packed once and used by name");
    table
        .key("name", artifact_name(), &ArtifactSpec::name,
             "what uses and deployments call it; {matrix.NAME} stands for the job's own value")
        .required();
    table
        .key("paths", one_or_list_of(path_glob()), &ArtifactSpec::paths,
             "patterns of the files in it, relative to the workspace")
        .required();
    table.at_end([](const Node& node, ArtifactSpec& artifact, Problems&) {
      artifact.span = Draft::span_of(node, "name");
    });
    return table;
  }();
  return the_table;
}

using Cause = bool RetrySpec::*;

Type<std::vector<Cause>> retry_causes() {
  return one_or_list_of(choice<Cause>({{"errored", &RetrySpec::on_errored},
                                       {"failed", &RetrySpec::on_failed},
                                       {"timeout", &RetrySpec::on_timeout}}));
}

bool read_retry_causes(const Node& node, RetrySpec& retry, Problems& problems) {
  static const auto type = retry_causes();
  std::vector<Cause> causes;
  if (!type.read(node, causes, problems)) return false;
  retry.on_errored = false;
  for (const Cause cause : causes) retry.*cause = true;
  return true;
}

const Table<CacheSpec>& cache_table() {
  static const auto the_table = [] {
    Table<CacheSpec> table("cache", "a directory that survives runs, best effort");
    table.key("path", relative_path(), &CacheSpec::path, "directory of the workspace").required();
    table
        .key("key", cache_key(), &CacheSpec::key,
             R"(what it is kept as, such as "deps-{branch}" or "deps-{files:package-lock.json}")")
        .required();
    table.key("fallback", one_or_list_of(cache_key()), &CacheSpec::fallback,
              "keys looked for when there is nothing under `key`, in order");
    table.at_end([](const Node& node, CacheSpec& cache, Problems&) {
      cache.span = Draft::span_of(node, "key");
    });
    return table;
  }();
  return the_table;
}

// What [defaults] may set and a stage may override.
void declare_shared_keys(Table<Stage>& table, const std::vector<std::string>& kinds) {
  table.key("timeout", positive_duration(), &Stage::timeout, "how long a job may take")
      .fallback("1h");
  table.key("retry", table_type(retry_table, "a table such as { max = 2 }"), &Stage::retry,
            "further attempts when a job ends badly");
  table
      .key(
          "shell", list_of(non_empty_text(), Empty::refused),
          [](Stage & stage) -> auto& { return command(stage).shell; },
          "program and arguments that each command is given to")
      .fallback(boost::json::array{"/bin/sh", "-eu"})
      .only_for(kinds);
  table
      .key(
          "env", map_of(env_variable(), scalar_as_text()),
          [](Stage & stage) -> auto& { return command(stage).env; }, "environment variables")
      .only_for(kinds);
  table
      .key(
          "sandbox", table_type(sandbox_table, "a table"),
          [](Stage & stage) -> auto& { return command(stage).sandbox; },
          "what the stage asks of its sandbox beyond the defaults")
      .only_for(kinds);
  table
      .key(
          "agent", table_type(agent_table, R"(a table such as { labels = ["gpu"] })"),
          [](Stage & stage) -> auto& { return command(stage).agent; },
          "which agents of a server may run it")
      .only_for(kinds);
}

void declare_keys_of_all_kinds(Table<Stage>& table) {
  table.tagged_by("kind", "command");
  const Type<StageKind> kind = stage_kind();
  table.custom_key("kind", kind.schema, read_kind, "what the stage is for").fallback("command");
  table.key("name", name(), &Stage::name, "what needs, logs and commands call it").required();
  table.custom_key(
      "needs", list_of(need_name()).schema, read_needs,
      "stages that must succeed first; without it, the stage above. A name with a \"?\" "
      "may be skipped");
  table.key("when", table_type(condition_table, "a table of conditions"), &Stage::when,
            "conditions that must all hold, or the stage is skipped");
  // Done before the stage is read (composition.h).
  table.custom_key(
      "extends", name().schema,
      [](const Node& node, Stage& /*stage*/, Problems& problems) {
        std::string ignored;
        return name().read(node, ignored, problems);
      },
      "template that the stage starts from; its own keys win");
  table.key("lock", name(), &Stage::lock,
            "held while a job of the stage runs, by one at a time of all runs");
  table
      .key("allow_failure", boolean(), &Stage::allow_failure,
           "whether the run goes on, and succeeds, when this stage fails")
      .fallback(false);
}

void declare_command_keys(Table<Stage>& table) {
  const auto& kinds = command_kinds();
  table
      .key(
          "run", commands(), [](Stage & stage) -> auto& { return command(stage).run; },
          "the commands, each given to the shell; the first failure ends the job")
      .required()
      .only_for(kinds);
  table
      .key(
          "workdir", relative_path(), [](Stage & stage) -> auto& { return command(stage).workdir; },
          "directory of the workspace that commands start in; without it, the root")
      .only_for(kinds);
  table
      .key(
          "secrets", list_of(env_variable()),
          [](Stage & stage) -> auto& { return command(stage).secrets; },
          "secrets set as environment variables and masked in the log")
      .only_for(kinds);
  table
      .key(
          "inputs", one_or_list_of(path_glob()),
          [](Stage & stage) -> auto& { return command(stage).inputs; },
          "patterns of the files the result depends on; an unchanged result is used again. Such a "
          "stage is given GIT_COMMIT, GIT_BRANCH, GIT_TAG, PIPELINE_EVENT, PIPELINE_RUN and "
          "PIPELINE_ATTEMPT only where its commands or env spell the name")
      .only_for(kinds);
  table
      .key(
          "tools", one_or_list_of(tool()),
          [](Stage & stage) -> auto& { return command(stage).tools; },
          "programs, such as \"g++\", whose versions the result depends on beside `inputs`")
      .only_for(kinds);
  table
      .key(
          "outputs", one_or_list_of(relative_path()),
          [](Stage & stage) -> auto& { return command(stage).outputs; },
          "files and directories handed on to the stages that need this one")
      .only_for(kinds);
  table
      .key(
          "artifacts", list_of(table_type(artifact_table, "a table with name and paths")),
          [](Stage & stage) -> auto& { return command(stage).artifacts; },
          "what this stage packs for other stages and deployments")
      .only_for(kinds);
  table
      .key(
          "cache", list_of(table_type(cache_table, "a table with path and key")),
          [](Stage & stage) -> auto& { return command(stage).caches; },
          "directories that survive runs; saved after a success")
      .only_for(kinds);
  table
      .custom_key(
          "reports", reports_schema,
          [](const Node& node, Stage& stage, Problems& problems) {
            return read_reports(node, command(stage).reports, problems);
          },
          "files in which the commands tell how their tests went; read also when they failed. Test "
          "stages that leave none say \"none\"")
      .only_for(kinds);
  table
      .key(
          "uses", list_of(artifact_name()),
          [](Stage & stage) -> auto& { return command(stage).uses; },
          "artifacts to unpack; ARTIFACT_<NAME> says where")
      .only_for(kinds);
  table
      .custom_key(
          "matrix", matrix_schema,
          [](const Node& node, Stage& stage, Problems& problems) {
            return read_matrix(node, command(stage).matrix, problems);
          },
          "values by name; the stage runs once for each combination, with MATRIX_<NAME> "
          "set. `exclude` takes combinations out, `include` adds some")
      .only_for(kinds);
  table
      .custom_key(
          "split", split_schema,
          [](const Node& node, Stage& stage, Problems& problems) {
            return read_split(node, command(stage).split, problems);
          },
          "the stage runs as this many jobs, each with SPLIT_INDEX (from 1) and SPLIT_TOTAL set, "
          "for a test tool that can shard, or with a table of its share of the files")
      .only_for(kinds);
  table
      .key(
          "service", list_of(table_type(service_table, "a table with name and run")),
          [](Stage & stage) -> auto& { return command(stage).services; },
          "processes beside the job, started in order before its commands, stopped in reverse")
      .only_for(kinds);
}

void declare_deploy_keys(Table<Stage>& table) {
  table
      .key(
          "environment", name(), [](Stage & stage) -> auto& { return deploy(stage).environment; },
          "where the release goes")
      .required()
      .only_for({"deploy"});
  table
      .key(
          "artifact", name(), [](Stage & stage) -> auto& { return deploy(stage).artifact; },
          "what is released")
      .required()
      .only_for({"deploy"});
  table
      .key(
          "promote_from", name(), [](Stage & stage) -> auto& { return deploy(stage).promote_from; },
          "environment whose gates the same digest must have passed")
      .only_for({"deploy"});
  table
      .key(
          "strategy", table_type(strategy_table, "a table"),
          [](Stage & stage) -> auto& { return deploy(stage).strategy; },
          "used instead of the environment's own strategy")
      .only_for({"deploy"});
}

void declare_approval_keys(Table<Stage>& table) {
  table
      .key(
          "approvers", one_or_list_of(approver()),
          [](Stage & stage) -> auto& { return approval(stage).approvers; },
          "users (\"user:ann\") and groups (\"group:release\"), one of whom has to approve; "
          "without it, anybody")
      .only_for({"approval"});
  table
      .key(
          "prompt", non_empty_text(), [](Stage & stage) -> auto& { return approval(stage).prompt; },
          "what is asked")
      .only_for({"approval"});
}

void declare_child_keys(Table<Stage>& table) {
  table
      .key(
          "pipeline", name(), [](Stage & stage) -> auto& { return child(stage).pipeline; },
          "pipeline of this repository that runs as a run of its own, by its name as `pipeline "
          "run` "
          "takes it; the stage ends as that run does")
      .required()
      .only_for({"pipeline"});
  table
      .key(
          "params", map_of(variable(), scalar_as_text()),
          [](Stage & stage) -> auto& { return child(stage).params; }, "values of its parameters")
      .only_for({"pipeline"});
}

Table<Stage> make_stage_table(std::string table_name, std::string description) {
  Table<Stage> table(std::move(table_name), std::move(description));
  declare_keys_of_all_kinds(table);
  declare_shared_keys(table, command_kinds());
  declare_command_keys(table);
  declare_deploy_keys(table);
  declare_approval_keys(table);
  declare_child_keys(table);
  table.at_end(
      [](const Node& node, Stage& stage, Problems&) { stage.span = Draft::span_of(node, "name"); });
  return table;
}

}  // namespace

Type<std::vector<std::string>> commands() {
  return one_or_list_of(non_empty_text());
}

const Table<SandboxSpec>& sandbox_table() {
  static const auto the_table = [] {
    Table<SandboxSpec> table("sandbox", "what a stage asks of its sandbox");
    table
        .key("network",
             choice<model::NetworkMode>(
                 {{"none", model::NetworkMode::none}, {"host", model::NetworkMode::host}}),
             &SandboxSpec::network, "loopback only, or the network of the machine")
        .fallback("none");
    table.key("memory", size(), &SandboxSpec::memory, "of the whole job").fallback("4GiB");
    table.key("cpus", positive_number(), &SandboxSpec::cpus,
              "how many processors; without it, all of the machine");
    table.key("processes", count(1, 1U << 20U), &SandboxSpec::processes, "processes and threads")
        .fallback(4096);
    table.key("disk", size(), &SandboxSpec::disk, "bytes written: workspace and /tmp")
        .fallback("16GiB");
    table
        .key("output", size(), &SandboxSpec::output,
             "bytes of log kept; beyond it the middle is cut")
        .fallback("64MiB");
    table.key("readable", list_of(absolute_path()), &SandboxSpec::readable,
              "paths of the machine made visible, read-only");
    return table;
  }();
  return the_table;
}

const Table<model::AgentSpec>& agent_table() {
  static const auto the_table = [] {
    Table<model::AgentSpec> table("agent", "which agents of a server may do something");
    table
        .key(
            "labels", one_or_list_of(name()), &model::AgentSpec::labels,
            "what an agent has to have been given by --labels, all of them; a run without a server "
            "is run by this machine")
        .required();
    return table;
  }();
  return the_table;
}

const Table<RetrySpec>& retry_table() {
  static const auto the_table = [] {
    Table<RetrySpec> table("retry", "further attempts of a job that ended badly");
    table.key("max", count(1, 10), &RetrySpec::max, "further attempts at most").fallback(1);
    const auto causes = retry_causes();
    table
        .custom_key("on", causes.schema, read_retry_causes,
                    "ends that are tried again: errored (our side), failed (a command said no), "
                    "timeout")
        .fallback(boost::json::array{"errored"});
    table
        .key("backoff", duration(), &RetrySpec::backoff,
             "wait before the first further attempt, doubled each time, an hour at most")
        .fallback("0s");
    return table;
  }();
  return the_table;
}

const Table<Stage>& defaults_table() {
  static const auto the_table = [] {
    Table<Stage> table("defaults", "what stages start from; a stage's own keys win");
    declare_shared_keys(table, {});
    return table;
  }();
  return the_table;
}

const Table<Stage>& stage_table() {
  static const Table<Stage> the_table = make_stage_table("stage", "one step of the pipeline");
  return the_table;
}

const Table<Stage>& template_table() {
  static const auto the_table = [] {
    Table<Stage> table = make_stage_table("template", "what stages that extend it start from");
    table.nothing_required();
    return table;
  }();
  return the_table;
}

}  // namespace pipeline::config
