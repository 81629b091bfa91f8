// Every command of the program: options in, exit code out. A command prints what it found on
// standard output; an Error it returns is printed by program.h, with its hint, and decides the exit
// code. One file a command.
#pragma once

#include <filesystem>

#include "pipelines/base/result.h"
#include "runner/cli/exit_code.h"
#include "runner/cli/options.h"
#include "runner/cli/services.h"
#include "runner/cli/terminal.h"

namespace pipeline::cli {

struct Context {
  Services& services;
  Console& console;
  std::filesystem::path directory;  // where the user stands
};

using Outcome = base::Result<ExitCode>;

Outcome execute(const RunOptions& options, Context& context);
Outcome execute(const CheckOptions& options, Context& context);
Outcome execute(const SchemaOptions& options, Context& context);
Outcome execute(const PlanOptions& options, Context& context);
Outcome execute(const GraphOptions& options, Context& context);
Outcome execute(const InitOptions& options, Context& context);
Outcome execute(const RunsOptions& options, Context& context);
Outcome execute(const ShowOptions& options, Context& context);
Outcome execute(const LogsOptions& options, Context& context);
Outcome execute(const TestsOptions& options, Context& context);
Outcome execute(const AttachOptions& options, Context& context);
Outcome execute(const CancelOptions& options, Context& context);
Outcome execute(const DecideOptions& options, Context& context);
Outcome execute(const RetryOptions& options, Context& context);
Outcome execute(const ArtifactsListOptions& options, Context& context);
Outcome execute(const ArtifactsGetOptions& options, Context& context);
Outcome execute(const DeployOptions& options, Context& context);
Outcome execute(const ResumeOptions& options, Context& context);
Outcome execute(const RollbackOptions& options, Context& context);
Outcome execute(const StopOptions& options, Context& context);
Outcome execute(const StatusOptions& options, Context& context);
Outcome execute(const SecretSetOptions& options, Context& context);
Outcome execute(const SecretListOptions& options, Context& context);
Outcome execute(const SecretRemoveOptions& options, Context& context);
Outcome execute(const ToggleListOptions& options, Context& context);
Outcome execute(const ToggleShowOptions& options, Context& context);
Outcome execute(const ToggleSetOptions& options, Context& context);
Outcome execute(const EnvironmentSetOptions& options, Context& context);
Outcome execute(const EnvironmentListOptions& options, Context& context);
Outcome execute(const EnvironmentShowOptions& options, Context& context);
Outcome execute(const EnvironmentRemoveOptions& options, Context& context);
Outcome execute(const DoctorOptions& options, Context& context);
Outcome execute(const ServeOptions& options, Context& context);
Outcome execute(const AgentOptions& options, Context& context);
Outcome execute(const RepoAddOptions& options, Context& context);
Outcome execute(const RepoSetOptions& options, Context& context);
Outcome execute(const RepoListOptions& options, Context& context);
Outcome execute(const RepoRemoveOptions& options, Context& context);
Outcome execute(const RepoProtectOptions& options, Context& context);
Outcome execute(const RepoUnprotectOptions& options, Context& context);
Outcome execute(const TokenAddOptions& options, Context& context);
Outcome execute(const TokenListOptions& options, Context& context);
Outcome execute(const TokenRemoveOptions& options, Context& context);
Outcome execute(const AgentsOptions& options, Context& context);
Outcome execute(const SchedulesOptions& options, Context& context);
Outcome execute(const AuditOptions& options, Context& context);
Outcome execute(const NoticesOptions& options, Context& context);
Outcome execute(const UserAddOptions& options, Context& context);
Outcome execute(const UserListOptions& options, Context& context);
Outcome execute(const UserRemoveOptions& options, Context& context);
Outcome execute(const GroupAddOptions& options, Context& context);
Outcome execute(const GroupListOptions& options, Context& context);
Outcome execute(const GroupRemoveOptions& options, Context& context);
Outcome execute(const GroupMemberOptions& options, Context& context);
Outcome execute(const RoleGrantOptions& options, Context& context);
Outcome execute(const RoleRevokeOptions& options, Context& context);
Outcome execute(const RoleListOptions& options, Context& context);
Outcome execute(const WhoamiOptions& options, Context& context);
Outcome execute(const LoginOptions& options, Context& context);
Outcome execute(const LogoutOptions& options, Context& context);
Outcome execute(const PullsListOptions& options, Context& context);
Outcome execute(const PullsDecideOptions& options, Context& context);
Outcome execute(const BackupOptions& options, Context& context);
Outcome execute(const RestoreOptions& options, Context& context);
Outcome execute(const GcOptions& options, Context& context);
Outcome execute(const CompletionOptions& options, Context& context);
Outcome execute(const ManOptions& options, Context& context);
Outcome execute(const CompleteOptions& options, Context& context);

}  // namespace pipeline::cli
