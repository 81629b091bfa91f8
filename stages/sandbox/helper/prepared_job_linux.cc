#include <fcntl.h>
#include <sys/prctl.h>
#include <unistd.h>

#include <cerrno>

#include "stages/host/job_user.h"
#include "stages/sandbox/helper/channel.h"
#include "stages/sandbox/helper/prepared_job.h"

namespace pipeline::sandbox::helper {

using base::Error;
using base::Result;

namespace {

// The most an ordinary user may have by default; fewer, larger reads.
constexpr int kPipeSize = 1 << 20;

struct Pipe {
  host::UniqueFd read;
  host::UniqueFd write;
};

// `owner`: may open the pipe again through /dev/stdout.
Result<Pipe> make_output(const host::FileOwner& owner) {
  int ends[2];
  if (::pipe2(ends, O_CLOEXEC) != 0) return base::fail(Error::from_errno(errno, "make a pipe"));
  Pipe pipe{.read = host::UniqueFd(ends[0]), .write = host::UniqueFd(ends[1])};
  ::fcntl(ends[1], F_SETPIPE_SZ, kPipeSize);  // a smaller one works too
  ::fcntl(ends[0], F_SETFL, O_NONBLOCK);
  if (::geteuid() == 0 && ::fchown(ends[1], owner.uid, owner.gid) != 0) {
    return base::fail(Error::from_errno(errno, "give the output pipe to the job"));
  }
  return pipe;
}

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
  PIPELINE_ASSIGN(Pipe output, make_output(user));
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
