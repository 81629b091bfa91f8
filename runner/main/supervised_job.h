// The hidden words of the program by which it runs one attempt of one job, as its supervisor
// (agents/worker/supervised):
//   pipeline __job full|none RUN JOB ATTEMPT     the last three are for whoever lists processes
//   pipeline __standby full|none                 has made ready what it can and waits for its job;
//                                                it is shown as the other from then on
// The order and the socket to listen on come over its standard input; when that ends without them,
// so does the process.
#pragma once

#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "agents/worker/supervised/supervised_worker.h"
#include "runner/cli/options.h"
#include "runner/main/shown_arguments.h"
#include "runner/store/paths.h"
#include "stages/host/unique_fd.h"

namespace pipeline {

// Starts this program, as it is now: an update does not change what a run that goes on consists of.
// Safe from any thread.
class SupervisedJobs {
 public:
  SupervisedJobs(const store::Paths& paths, cli::SandboxWish sandbox);

  // worker::StartSupervisor. The process that stands by, where there is one; else a new one.
  base::Result<host::Process> start(const protocol::JobOrder& order, int order_descriptor,
                                    int listener);
  // From now on one process is always started ahead, for the next job: most of what a small job
  // takes is that start. It ends with this object or with our process, however that ends. Silent
  // when it fails: start() meets the same trouble and says so.
  void keep_standby();

 private:
  struct Standby {
    host::Process process;
    host::UniqueFd input;

    Standby(host::Process begun, host::UniqueFd its_input)
        : process(std::move(begun)), input(std::move(its_input)) {}
    Standby(Standby&&) noexcept = default;
    Standby& operator=(Standby&&) = delete;
    // Ends it, unless it was given away.
    ~Standby();
  };
  base::Result<host::Process> spawn(std::vector<std::string> arguments,
                                    const host::UniqueFd& input) const;
  base::Result<host::Process> start_new(const protocol::JobOrder& order,
                                        const std::vector<int>& given) const;
  // None: there is none, or it has died.
  std::optional<host::Process> hand_to_standby(const std::vector<int>& given);
  void start_standby();  // when it is to be kept and there is none

  const std::map<std::string, std::string> env_;
  const std::string sandbox_;
  std::mutex mutex_;  // guards what follows
  bool keeps_standby_ = false;
  std::optional<Standby> standby_;
};

// Whether this process is to be one.
bool is_supervised_job(const std::vector<std::string>& arguments);
// The whole process.
int supervised_job(const std::vector<std::string>& arguments, ShownArguments shown);

}  // namespace pipeline
