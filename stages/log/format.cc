#include "stages/log/format.h"

namespace pipeline::log {

std::filesystem::path service_log(const std::filesystem::path& job_log,
                                  const std::string& service) {
  return job_log / "services" / service;
}

std::string cut_notice(std::uint64_t bytes) {
  return "\n[... " + std::to_string(bytes) +
         " bytes of output were cut here: sandbox.output limits what is kept ...]\n";
}

}  // namespace pipeline::log
