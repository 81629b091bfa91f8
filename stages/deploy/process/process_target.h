// The target "process": each instance is a process of this machine under a supervisor of its own
// (supervisor/main.cc), which outlives us. Started by root, instances run as a dedicated
// user, another than jobs (stages/host/job_user.h).
//
// Its directory holds:
//   releases/<number>/     releases.h
//   instances/<name>/      order.h
//
// An instance is known by its supervisor's and its own pid, start time and boot.
#pragma once

#include <filesystem>

#include "stages/deploy/process/order.h"
#include "stages/deploy/process/port_claims.h"
#include "stages/deploy/process/releases.h"
#include "stages/deploy/target.h"

namespace pipeline::deploy::process {

class ProcessTarget final : public Target {
 public:
  ProcessTarget(std::filesystem::path directory, Artifacts artifacts,
                std::filesystem::path supervisor_program);

  base::Result<> verify(const base::Digest& artifact) override;
  base::Result<> install(std::uint64_t release, const base::Digest& artifact) override;
  base::Result<std::uint64_t> last_installed() override;
  base::Result<> start(const InstanceSpec& spec) override;
  base::Result<> stop(const std::string& instance) override;
  base::Result<std::vector<ObservedInstance>> observe() override;
  base::Result<> remove(std::uint64_t release) override;
  base::Result<std::vector<std::uint16_t>> free_ports(
      const model::PortRange& range, std::uint32_t count,
      const std::vector<std::uint16_t>& kept) override;

 private:
  std::filesystem::path place_of(const std::string& instance) const;
  base::Result<> launch(const Order& order) const;
  // Who has the port; none: we have it now.
  base::Result<std::optional<std::string>> take_port(std::uint16_t port);

  std::filesystem::path directory_;
  Releases releases_;
  std::filesystem::path supervisor_program_;
  PortClaims claims_;
};

// For host::find_helper.
inline constexpr const char* kSupervisorProgram = "pipeline-instance";

}  // namespace pipeline::deploy::process
