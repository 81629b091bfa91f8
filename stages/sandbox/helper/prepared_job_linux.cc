#include <sys/prctl.h>

#include <cerrno>

#include "stages/host/job_user.h"
#include "stages/sandbox/helper/channel.h"
#include "stages/sandbox/helper/output_pipe.h"
#include "stages/sandbox/helper/prepared_job.h"

namespace pipeline::sandbox::helper {

using base::Error;
using base::Result;

namespace {

// What a job without a pid namespace leaves behind is found by being its subreaper.
Result<> become_subreaper() {
  if (::prctl(PR_SET_CHILD_SUBREAPER, 1) != 0) {
    return base::fail(Error::from_errno(errno, "become a subreaper"));
  }
  return {};
}

}  // namespace

Result<PreparedJob> PreparedJob::create(Confinement confinement, const CgroupPlaces& places) {
  if (confinement == Confinement::none) PIPELINE_TRY(become_subreaper());
  const host::FileOwner user = host::job_user();
  PIPELINE_ASSIGN(OutputPipe output, make_output_pipe(user));
  PIPELINE_ASSIGN(host::PacketSockets channel, host::make_packet_sockets());
  auto cgroup = make_cgroup(places);
  const InsideSetup setup{.confinement = confinement,
                          .outer_user = user,
                          .channel = channel.theirs.get(),
                          .output = output.write.get()};
  PIPELINE_ASSIGN(JobProcess process, JobProcess::start(setup, cgroup ? cgroup->birthplace() : -1));
  PIPELINE_TRY(process.map_ids(setup));
  send(channel.ours.get(), ToInside{.kind = ToInside::Kind::go});
  return PreparedJob{.cgroup = std::move(cgroup),
                     .output = std::move(output.read),
                     .channel = std::move(channel.ours),
                     .process = std::move(process)};
}

}  // namespace pipeline::sandbox::helper
