// What is refused before anything is touched, and what has to be known to begin.
#pragma once

#include "pipelines/base/result.h"
#include "pipelines/rollout/record.h"
#include "stages/deploy/deployer.h"
#include "stages/deploy/environment_ports.h"

namespace pipeline::deploy {

// ErrorKind::invalid when nothing was ever deployed there.
base::Result<> refuse_unknown(const EnvironmentKey& key, const rollout::EnvironmentRecord& record);
// ErrorKind::conflict: a person must look first.
base::Result<> refuse_frozen(const EnvironmentKey& key, const rollout::EnvironmentRecord& record);
// ErrorKind::conflict when it is up on another machine than `machine`: nobody could see there what
// runs here.
base::Result<> refuse_elsewhere(const EnvironmentKey& key, const rollout::EnvironmentRecord& record,
                                const std::string& machine);
// The same of a release's files.
base::Result<> refuse_release_elsewhere(const EnvironmentKey& key, const rollout::Release& release,
                                        const std::string& machine);
// "agent prod-1", "the server's machine": what a person calls it.
std::string describe_machine(const std::string& machine);
// ErrorKind::conflict when instances run that this journal did not start: it was lost or replaced,
// and whoever went on would take them for its own to replace.
base::Result<> refuse_strangers(const EnvironmentKey& key, const rollout::EnvironmentRecord& record,
                                Target& target);
// ErrorKind::invalid for an environment of another repository and for a digest that was rolled back
// here, both unless forced; and when the switch would have to move to other addresses while it
// serves.
base::Result<> check_request(const rollout::EnvironmentRecord& record,
                             const DeploymentRequest& request);
// `record` is what is known of the environment `from`; ErrorKind::invalid unless the digest passed
// its gates.
base::Result<> check_promotion(const std::string& from, const rollout::EnvironmentRecord& record,
                               const DeploymentRequest& request);
// The current release is this digest, with this definition and tree, and all of it runs.
base::Result<bool> serves_already(const rollout::EnvironmentRecord& record,
                                  const DeploymentRequest& request, EnvironmentPorts& ports);
// Names and ports for a release's instances; never those of the current release, which may have to
// come back.
base::Result<rollout::Fleet> new_fleet(const rollout::EnvironmentRecord& record,
                                       const rollout::Release& release, Target& target);
// The release named, or the one before the current; ErrorKind::invalid with those that are kept.
base::Result<rollout::Release> release_to_return_to(const EnvironmentKey& key,
                                                    const rollout::EnvironmentRecord& record,
                                                    std::optional<std::uint64_t> wanted);

}  // namespace pipeline::deploy
