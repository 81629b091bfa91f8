// How a job's order is described for the JSON codec. Included by .cc files only: it is heavy.
#pragma once

#include "agents/protocol/job_order.h"
#include "pipelines/rollout/environment_codec.h"
#include "pipelines/rollout/json_codec.h"

namespace pipeline::model {
BOOST_DESCRIBE_ENUM(StageKind, command, unit, integration, acceptance, deploy, approval, pipeline)
BOOST_DESCRIBE_ENUM(NetworkMode, none, host)
BOOST_DESCRIBE_ENUM(CoverageFormat, cobertura)
BOOST_DESCRIBE_STRUCT(ArtifactSpec, (), (name, paths))
BOOST_DESCRIBE_STRUCT(SandboxSpec, (), (network, memory, cpus, processes, disk, output, readable))
BOOST_DESCRIBE_STRUCT(CacheSpec, (), (path, key, fallback))
BOOST_DESCRIBE_STRUCT(CoverageSpec, (), (format, path))
BOOST_DESCRIBE_STRUCT(ReportSpec, (), (junit, coverage, quarantine))
BOOST_DESCRIBE_STRUCT(LoopbackEndpoint, (), (host, port, http_path))
BOOST_DESCRIBE_STRUCT(ReadySpec, (), (command, endpoint, interval, timeout))
BOOST_DESCRIBE_STRUCT(ServiceSpec, (), (name, run, env, ready))
BOOST_DESCRIBE_STRUCT(CommandWork, (),
                      (run, shell, env, secrets, inputs, outputs, artifacts, reports, uses, caches,
                       tools, workdir, services, sandbox, agent))
BOOST_DESCRIBE_STRUCT(ApprovalWork, (), (approvers, prompt))
BOOST_DESCRIBE_STRUCT(ChildWork, (), (pipeline, params))
}  // namespace pipeline::model

namespace pipeline::protocol {
BOOST_DESCRIBE_STRUCT(ArtifactUse, (), (name, digest))
BOOST_DESCRIBE_STRUCT(CommandOrder, (), (work, env, secrets, layers, uses, trusted))
BOOST_DESCRIBE_STRUCT(JournalAccess, (), (server, token, authorities, agent, fence))
BOOST_DESCRIBE_ENUM(DeployAction, deploy, resume, roll_back, shut_down, look)
BOOST_DESCRIBE_STRUCT(DeployOrder, (),
                      (environment, artifact, promote_from, action, release, force, repository,
                       machine, journal, by))
BOOST_DESCRIBE_STRUCT(ApprovalOrder, (), (stage, work))
BOOST_DESCRIBE_STRUCT(ChildOrder, (), (work))
BOOST_DESCRIBE_STRUCT(JobOrder, (),
                      (run, pipeline, job, attempt, kind, repository, commit, tree, timeout, lock,
                       keep, another_may_follow, log_directory, work))
}  // namespace pipeline::protocol

namespace pipeline::rollout::codec {

using Work = decltype(protocol::JobOrder::work);
template <>
struct Tagged<Work> : std::true_type {
  static constexpr std::string_view kKey = "is";
  static constexpr std::array<std::string_view, std::variant_size_v<Work>> kNames = {
      "commands", "deployment", "approval", "child"};
};

}  // namespace pipeline::rollout::codec
