#include "tests/integration/agents/worker/worker_fixture.h"

#include <sched.h>
#include <sys/mount.h>
#include <sys/resource.h>
#include <sys/stat.h>

#include <fstream>
#include <set>

#include "stages/host/job_user.h"
#include "stages/workspace/layer_manifest.h"

namespace pipeline::worker {
namespace {

namespace fs = std::filesystem;
using run::JobStatus;
using testing::ElementsAre;
using testing::HasSubstr;

TEST_F(SandboxedWorkerTest, PostsWhatTheContractSays) {
  Recorder recorder;
  const auto worker = make_worker();
  worker->start(order("unit", {"cat hello.txt", "true"}), recorder);
  const auto finished = recorder.finished();
  ASSERT_EQ(finished.status, JobStatus::succeeded) << finished.reason;
  std::vector<std::size_t> kinds;
  for (const auto& event : recorder.events()) kinds.push_back(event.index());
  const auto index = [](const run::EventBody& event) { return event.index(); };
  EXPECT_THAT(kinds, ElementsAre(index(run::JobLeased{}), index(run::JobStarted{}),
                                 index(run::CommandStarted{}), index(run::CommandFinished{}),
                                 index(run::CommandStarted{}), index(run::CommandFinished{}),
                                 index(run::JobFinishing{}), index(run::JobFinished{})));
}

TEST_F(SandboxedWorkerTest, AFailedCommandEndsTheJob) {
  const auto finished = run(order("unit", {"true", "exit 3", "echo never"}));
  EXPECT_EQ(finished.status, JobStatus::failed);
  EXPECT_EQ(finished.reason, "command 2 exited with 3");
}

TEST_F(SandboxedWorkerTest, OutputsReachTheNextJobAndNothingElseDoes) {
  auto build = order("build", {"mkdir -p out/sub", "echo built > out/sub/app", "touch elsewhere"});
  commands_of(build).work.outputs = {"out"};
  const auto built = run(std::move(build));
  ASSERT_EQ(built.status, JobStatus::succeeded) << built.reason;
  ASSERT_TRUE(built.outputs);
  auto test = order("test", {"grep built out/sub/app", "grep hello hello.txt",
                             "! test -e elsewhere", "echo mine >> out/sub/app", "rm hello.txt"});
  commands_of(test).layers = {*built.outputs};
  EXPECT_EQ(run(test).status, JobStatus::succeeded);
  EXPECT_EQ(run(test).status, JobStatus::succeeded) << "the layer and the tree are as they were";
}

TEST_F(SandboxedWorkerTest, RemovalsTravelWithTheOutput) {
  repository.write("data/old", "1");
  auto clean = order("clean", {"rm data/old", "echo new > data/new"});
  commands_of(clean).work.outputs = {"data"};
  const auto cleaned = run(std::move(clean));
  ASSERT_TRUE(cleaned.outputs) << cleaned.reason;
  auto look = order("look", {"test -e data/new", "! test -e data/old"});
  commands_of(look).layers = {*cleaned.outputs};
  const auto looked = run(std::move(look));
  EXPECT_EQ(looked.status, JobStatus::succeeded) << looked.reason;
}

TEST_F(SandboxedWorkerTest, AMissingOutputFailsTheJobByName) {
  auto build = order("build", {"true"});
  commands_of(build).work.outputs = {"out"};
  const auto finished = run(std::move(build));
  EXPECT_EQ(finished.status, JobStatus::failed);
  EXPECT_THAT(finished.reason, HasSubstr("output \"out\" was not made"));
  EXPECT_FALSE(finished.outputs);
}

TEST_F(SandboxedWorkerTest, ArtifactsArePackedOnceAndMountedReadOnly) {
  auto package = order("package", {"mkdir dist", "echo v1 > dist/app"});
  commands_of(package).work.artifacts = {{.name = "my-app", .paths = {"dist/**"}, .span = {}}};
  const auto packed = run(std::move(package));
  ASSERT_EQ(packed.status, JobStatus::succeeded) << packed.reason;
  ASSERT_EQ(packed.artifacts.size(), 1U);
  EXPECT_EQ(packed.artifacts[0].name, "my-app");
  EXPECT_TRUE(artifacts.verify(packed.artifacts[0].digest));
  auto accept =
      order("accept", {"grep v1 $ARTIFACT_MY_APP/dist/app", "! touch $ARTIFACT_MY_APP/dist/app"});
  commands_of(accept).uses = {{"my-app", packed.artifacts[0].digest}};
  const auto accepted = run(accept);
  EXPECT_EQ(accepted.status, JobStatus::succeeded) << accepted.reason;
}

TEST_F(SandboxedWorkerTest, ADamagedArtifactIsOurErrorNotTheJobs) {
  auto package = order("package", {"echo v1 > app"});
  commands_of(package).work.artifacts = {{.name = "app", .paths = {"app"}, .span = {}}};
  const auto packed = run(std::move(package));
  ASSERT_EQ(packed.artifacts.size(), 1U) << packed.reason;
  std::ofstream(artifacts.packed_file(packed.artifacts[0].digest)) << "damaged";
  auto accept = order("accept", {"true"});
  commands_of(accept).uses = {{"app", packed.artifacts[0].digest}};
  const auto finished = run(accept);
  EXPECT_EQ(finished.status, JobStatus::errored);
  EXPECT_THAT(finished.reason, HasSubstr("is damaged"));
}

TEST_F(SandboxedWorkerTest, EnvironmentSecretsAndWorkdir) {
  repository.write("sub/x", "1");
  auto job = order("env", {"test \"$GREETING\" = hi", "test \"$TOKEN\" = sesame-open",
                           "test \"$(pwd)\" = $WORKSPACE/sub", "echo token is $TOKEN",
                           "test -z \"${PIPELINE_HOST_SECRET:-}\""});
  commands_of(job).env = {{"GREETING", "hi"}};
  commands_of(job).secrets = {{"TOKEN", "sesame-open"}};
  commands_of(job).work.workdir = "sub";
  ::setenv("PIPELINE_HOST_SECRET", "x", 1);
  const auto finished = run(job);
  EXPECT_EQ(finished.status, JobStatus::succeeded) << finished.reason;
  EXPECT_THAT(log_of(job), testing::Not(HasSubstr("sesame-open")));
  EXPECT_THAT(log_of(job), HasSubstr("token is"));
}

TEST_F(SandboxedWorkerTest, ATimeoutHasItsStatusAndReason) {
  auto job = order("slow", {"sleep 600"});
  job.timeout = std::chrono::milliseconds(100);
  const auto finished = run(job);
  EXPECT_EQ(finished.status, JobStatus::timed_out);
  EXPECT_THAT(finished.reason, HasSubstr("100ms"));
}

TEST_F(SandboxedWorkerTest, StopCarriesStatusAndReason) {
  Recorder recorder;
  const auto worker = make_worker();
  worker->start(order("slow", {"sleep 600"}), recorder);
  recorder.wait_for<run::CommandStarted>();
  worker->stop("slow", 1, JobStatus::cancelled, "cancelled by the user");
  worker->stop("slow", 1, JobStatus::cancelled, "again");
  const auto finished = recorder.finished();
  EXPECT_EQ(finished.status, JobStatus::cancelled);
  EXPECT_EQ(finished.reason, "cancelled by the user");
  EXPECT_EQ(recorder.all<run::JobFinished>().size(), 1U);
}

TEST_F(SandboxedWorkerTest, StopNowDoesNotWaitForTheGrace) {
  Recorder recorder;
  const auto worker = make_worker();
  worker->start(order("stubborn", {"trap '' TERM; while :; do sleep 600; done"}), recorder);
  recorder.wait_for<run::CommandStarted>();
  worker->stop("stubborn", 1, JobStatus::cancelled, "cancelled");
  worker->stop_now("stubborn", 1);
  EXPECT_EQ(recorder.finished().status, JobStatus::cancelled);
}

TEST_F(SandboxedWorkerTest, StopBeforeAnythingRanEndsTheJob) {
  Recorder recorder;
  const auto worker = make_worker();
  worker->start(order("early", {"sleep 600"}), recorder);
  worker->stop("early", 1, JobStatus::timed_out, "too late");
  const auto finished = recorder.finished();
  EXPECT_EQ(finished.status, JobStatus::timed_out);
  EXPECT_EQ(finished.reason, "too late");
}

TEST_F(SandboxedWorkerTest, StoppingWhatIsUnknownOrOverIsIgnored) {
  Recorder recorder;
  const auto worker = make_worker();
  worker->stop("never", 1, JobStatus::cancelled, "x");
  worker->stop_now("never", 1);
  worker->start(order("quick", {"true"}), recorder);
  EXPECT_EQ(recorder.finished().status, JobStatus::succeeded);
  worker->stop("quick", 1, JobStatus::cancelled, "x");
  EXPECT_EQ(recorder.all<run::JobFinished>().size(), 1U);
}

TEST_F(SandboxedWorkerTest, DestroyingTheWorkerEndsAndReportsItsJobs) {
  Recorder recorder;
  {
    const auto worker = make_worker();
    worker->start(order("a", {"sleep 600"}), recorder);
    worker->start(order("b", {"sleep 600"}), recorder);
    recorder.wait_for<run::CommandStarted>(2);
  }
  EXPECT_EQ(recorder.all<run::JobFinished>().size(), 2U);
}

TEST_F(SandboxedWorkerTest, ManyJobsAtOnceEachReportOnce) {
  Recorder recorder;
  constexpr std::size_t kJobs = 20;
  {
    const auto worker = make_worker();
    for (std::size_t i = 0; i < kJobs; ++i)
      worker->start(order("job" + std::to_string(i), {"test -e hello.txt"}), recorder);
    recorder.wait_for<run::JobFinished>(kJobs);
  }
  std::set<std::string> done;
  for (const auto& finished : recorder.all<run::JobFinished>()) {
    EXPECT_EQ(finished.status, JobStatus::succeeded) << finished.reason;
    done.insert(finished.job);
  }
  EXPECT_EQ(done.size(), kJobs);
}

TEST_F(SandboxedWorkerTest, WorkspacesAreGoneAfterwardsUnlessKept) {
  run(order("gone", {"mkdir -p a/b && echo x > a/b/c && chmod 0 a"}));
  auto kept = order("kept", {"echo x > left && mkdir out && echo y > out/z"});
  kept.keep = true;
  commands_of(kept).work.outputs = {"out"};
  EXPECT_EQ(run(kept).status, JobStatus::succeeded);
  workspaces.reset();
  EXPECT_EQ(std::distance(fs::directory_iterator(state.path() / "work"), {}), 1);
  EXPECT_TRUE(fs::exists(kept.log_directory / "workspace/upper/left"));
  EXPECT_TRUE(fs::exists(kept.log_directory / "workspace/upper/out/z"));
}

TEST_F(SandboxedWorkerTest, EqualOutputsOfTwoJobsAreOneLayer) {
  auto build = order("build", {"echo same > out"});
  commands_of(build).work.outputs = {"out"};
  const auto built = run(std::move(build));
  ASSERT_TRUE(built.outputs) << built.reason;
  auto test = order("test", {"grep same out"});
  commands_of(test).layers = {*built.outputs, *built.outputs};
  EXPECT_EQ(run(test).status, JobStatus::succeeded);
  EXPECT_EQ(workspaces->assembly(), workspace::Assembly::overlay);
}

TEST_F(SandboxedWorkerTest, WhereLayersCannotBeMountedTheWorkspaceIsCopied) {
  auto job = order("many", {"cat hello.txt f0 f599", "echo more > out"});
  commands_of(job).work.outputs = {"out"};
  // More than overlayfs takes, and more than half of what a shell usually lets one open.
  rlimit files{};
  ASSERT_EQ(::getrlimit(RLIMIT_NOFILE, &files), 0);
  files.rlim_cur = std::min<rlim_t>(files.rlim_cur, 1024);
  ASSERT_EQ(::setrlimit(RLIMIT_NOFILE, &files), 0);
  for (int i = 0; i < 600; ++i) {
    state.write("layers/next/f" + std::to_string(i), "x");
    const auto digest = workspace::name_by_content(state.path() / "layers/next");
    ASSERT_TRUE(digest) << digest.error().to_string();
    commands_of(job).layers.push_back(*digest);
    fs::rename(state.path() / "layers/next", state.path() / "layers" / digest->hex());
  }
  ASSERT_TRUE(host::give_tree_to_job_user(state.path() / "layers"));
  Recorder recorder;
  {
    const auto worker = make_worker();
    worker->start(job, recorder);
    recorder.wait_for<run::JobFinished>();
  }
  EXPECT_EQ(recorder.finished().status, JobStatus::succeeded) << recorder.finished().reason;
  EXPECT_TRUE(recorder.finished().outputs);
  EXPECT_EQ(recorder.all<run::JobFinished>().size(), 1U);
  EXPECT_EQ(recorder.all<run::JobStarted>().size(), 1U);
  EXPECT_EQ(workspaces->assembly(), workspace::Assembly::copied);
}

TEST_F(SandboxedWorkerTest, WhatCannotBeSetUpIsErroredWithoutAStart) {
  Recorder recorder;
  const auto worker = make_worker();
  auto job = order("broken", {"true"});
  commands_of(job).layers = {*base::Digest::parse(std::string(64, 'a'))};
  worker->start(std::move(job), recorder);
  const auto finished = recorder.finished();
  EXPECT_EQ(finished.status, JobStatus::errored);
  EXPECT_THAT(finished.reason, HasSubstr("not here any more"));
  EXPECT_TRUE(recorder.all<run::JobStarted>().empty());
}

TEST_F(SandboxedWorkerTest, AFullDiskIsOurErrorAndLeavesNothingHalfDone) {
  // A mount of this thread's own, gone with it, for the threads that are made from here on.
  const fs::path trees = state.path() / "trees";
  fs::create_directories(trees);
  if (::unshare(CLONE_NEWNS) != 0 || ::mount(nullptr, "/", nullptr, MS_REC | MS_PRIVATE, nullptr) ||
      ::mount("small", trees.c_str(), "tmpfs", 0, "size=64k") != 0)
    GTEST_SKIP() << "mounting a small file system needs root";
  repository.write("big", std::string(std::size_t{1} << 20U, 'x'));
  const auto finished = run(order("unit", {"true"}));
  EXPECT_EQ(finished.status, JobStatus::errored);
  EXPECT_THAT(finished.reason, HasSubstr("No space left on device\nhint: free some space"));
  for (const auto& entry : fs::directory_iterator(trees))
    EXPECT_FALSE(entry.is_directory()) << entry.path();
  ASSERT_EQ(::umount(trees.c_str()), 0);
}

TEST_F(WorkerTest, WithoutASandboxTheJobGetsCopies) {
  auto package = order("package", {"echo v1 > app", "echo changed > hello.txt", "mkdir out",
                                   "mv app out/", "test -e $WORKSPACE/out/app"});
  commands_of(package).work.outputs = {"out", "hello.txt"};
  commands_of(package).work.artifacts = {{.name = "app", .paths = {"out/app"}, .span = {}}};
  const auto packed = run(std::move(package), sandbox::Isolation::none);
  ASSERT_EQ(packed.status, JobStatus::succeeded) << packed.reason;
  auto accept = order("accept", {"grep v1 $ARTIFACT_APP/out/app", "grep changed hello.txt"});
  commands_of(accept).uses = {{"app", packed.artifacts.at(0).digest}};
  commands_of(accept).layers = {*packed.outputs};
  const auto accepted = run(accept, sandbox::Isolation::none);
  EXPECT_EQ(accepted.status, JobStatus::succeeded) << accepted.reason;
  EXPECT_EQ(run(order("fresh", {"grep hello hello.txt"}), sandbox::Isolation::none).status,
            JobStatus::succeeded);
}

}  // namespace
}  // namespace pipeline::worker
