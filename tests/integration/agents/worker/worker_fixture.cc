#include "tests/integration/agents/worker/worker_fixture.h"

namespace pipeline::worker {

namespace fs = std::filesystem;

WorkerTest::WorkerTest()
    : source(source::make_git_source(state.path() / "mirrors", state.path() / "trees")),
      layers(state.path() / "layers"),
      artifacts(state.path() / "artifacts"),
      caches(state.path() / "caches", std::uint64_t{1} << 30U),
      workspaces(std::make_unique<workspace::WorkspaceRoom>(state.path() / "work")),
      launcher(PIPELINE_SANDBOX_PROGRAM) {
  repository.write("hello.txt", "hello\n");
}

WorkerTest::~WorkerTest() = default;

std::unique_ptr<link::Link> WorkerTest::make_worker(sandbox::Isolation isolation) {
  return make_local_worker({.step = {.source = *source,
                                     .layers = layers,
                                     .artifacts = artifacts,
                                     .caches = caches,
                                     .workspaces = *workspaces,
                                     .launcher = launcher,
                                     .isolation = isolation},
                            .deployer = [this]() -> base::Result<deploy::Deployer*> {
                              if (deployer == nullptr)
                                return base::fail(base::ErrorKind::unavailable, "no deployer");
                              return deployer;
                            }});
}

protocol::JobOrder WorkerTest::order(const std::string& job, std::vector<std::string> commands) {
  const auto revision = source->snapshot(repository.path());
  if (!revision) throw std::runtime_error(revision.error().to_string());
  protocol::JobOrder order;
  order.run = 1;
  order.pipeline = "test";
  order.job = job;
  order.repository = revision->repository;
  order.tree = revision->tree;
  order.timeout = std::chrono::minutes(5);
  order.log_directory = state.path() / "runs" / (job + ".1");
  fs::create_directories(order.log_directory);
  protocol::CommandOrder command;
  command.work.run = std::move(commands);
  order.work = std::move(command);
  return order;
}

run::JobFinished WorkerTest::run(protocol::JobOrder order, sandbox::Isolation isolation) {
  Recorder recorder;
  const auto worker = make_worker(isolation);
  worker->start(std::move(order), recorder);
  return recorder.finished();
}

std::string WorkerTest::log_of(const protocol::JobOrder& order) const {
  return state.read(order.log_directory / "log");
}

bool WorkerTest::nothing_left() const {
  std::error_code ignored;
  return fs::is_empty(state.path() / "work", ignored) || ignored;
}

}  // namespace pipeline::worker
