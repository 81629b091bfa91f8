#include "tests/e2e/sandbox/sandbox_fixture.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <chrono>
#include <cstdlib>
#include <fstream>
#include <thread>

#include "stages/host/file.h"
#include "stages/host/job_user.h"
#include "stages/host/process.h"
#include "stages/host/remove.h"
#include "stages/log/reader.h"
#include "tests/support/isolation/isolation.h"

namespace pipeline::sandbox {

namespace fs = std::filesystem;

namespace {

class Recorder final : public SandboxObserver {
 public:
  explicit Recorder(std::map<std::uint32_t, int>& codes) : codes_(codes) {}
  void command_started(std::uint32_t index) override { codes_[index] = -1; }
  void command_finished(std::uint32_t index, int exit_code) override { codes_[index] = exit_code; }

 private:
  std::map<std::uint32_t, int>& codes_;
};

}  // namespace

void SandboxTest::SetUp() {
  if (const auto missing = support::missing_for_isolation()) GTEST_SKIP() << *missing;
  std::string name = testing::TempDir() + "pipeline-sandbox-XXXXXX";
  ASSERT_NE(::mkdtemp(name.data()), nullptr);
  root_ = name;
  ASSERT_EQ(::chmod(name.c_str(), 0755), 0);
  for (const char* directory : {"upper", "scratch", "log"}) fs::create_directory(root_ / directory);
  launcher_ = std::make_unique<Launcher>(PIPELINE_SANDBOX_PROGRAM);
}

void SandboxTest::TearDown() {
  launcher_.reset();
  if (root_.empty()) return;
  // overlayfs leaves directories of mode 0 behind.
  const auto removed = host::remove_all(root_);
  EXPECT_TRUE(removed) << removed.error().to_string();
}

SandboxPlan SandboxTest::plan(std::vector<std::string> commands) const {
  SandboxPlan plan;
  plan.workspace = {.lower = {}, .upper = root_ / "upper", .scratch = root_ / "scratch"};
  plan.commands = std::move(commands);
  plan.shell = {"/bin/sh", "-eu"};
  plan.env = {{"WORKSPACE", "/workspace"}};
  plan.timeout = std::chrono::minutes(2);
  plan.log_directory = root_ / "log";
  return plan;
}

base::Result<RunningSandbox> SandboxTest::start(const SandboxPlan& plan) const {
  return launcher_->start(plan);
}

Ran SandboxTest::run(const SandboxPlan& plan) const {
  Ran ran;
  auto running = start(plan);
  EXPECT_TRUE(running) << running.error().to_string();
  if (!running) return ran;
  Recorder recorder(ran.exit_codes);
  auto result = running->wait(recorder);
  EXPECT_TRUE(result) << result.error().to_string();
  if (result) ran.result = *result;
  ran.output = output();
  return ran;
}

std::string SandboxTest::output() const {
  return host::read_file(root_ / "log/log").value_or("no log");
}

std::string SandboxTest::outside(const std::string& command, std::map<int, int> descriptors) const {
  int ends[2];
  EXPECT_EQ(::pipe2(ends, O_CLOEXEC), 0);
  const host::UniqueFd read(ends[0]);
  host::UniqueFd write(ends[1]);
  descriptors.merge(std::map<int, int>{{1, write.get()}, {2, write.get()}});
  auto child = host::spawn({.program = "/bin/sh",
                            .arguments = {"-c", command},
                            .directory = root_,
                            .descriptors = std::move(descriptors)});
  EXPECT_TRUE(child);
  write.reset();
  auto text = host::read_all(read.get());
  EXPECT_TRUE(child->wait());
  return text.value_or("");
}

fs::path SandboxTest::layer(const std::string& name,
                            const std::map<std::string, std::string>& files) const {
  fs::path directory = root_ / name;
  fs::create_directory(directory);
  for (const auto& [path, text] : files) {
    fs::create_directories((directory / path).parent_path());
    std::ofstream(directory / path) << text;
  }
  EXPECT_TRUE(host::give_tree_to_job_user(directory));
  return directory;
}

std::vector<int> processes_with(const std::string& text) {
  std::vector<int> found;
  for (const auto& entry : fs::directory_iterator("/proc")) {
    const int pid = std::atoi(entry.path().filename().c_str());
    if (pid == 0 || pid == ::getpid()) continue;
    // A zombie has no command line: what only waits to be reaped does not count.
    const auto line = host::read_file(entry.path() / "cmdline");
    if (line && line->find(text) != std::string::npos) found.push_back(pid);
  }
  return found;
}

namespace {

// "PPid:" of /proc/PID/status, 0 when there is no such process.
int parent_of(int pid) {
  std::ifstream status("/proc/" + std::to_string(pid) + "/status");
  for (std::string word; status >> word;) {
    int parent = 0;
    if (word == "PPid:" && status >> parent) return parent;
  }
  return 0;
}

bool is_helper_program(int pid) {
  const auto name = host::read_file("/proc/" + std::to_string(pid) + "/comm");
  return name && std::string_view(kHelperName).starts_with(name->substr(0, name->size() - 1));
}

}  // namespace

int helper_of(int job_process) {
  int pid = job_process;
  while (pid > 1 && !is_helper_program(pid)) pid = parent_of(pid);
  return parent_of(pid);  // of the job's pid 1
}

bool all_gone(const std::string& text) {
  const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(10);
  while (!processes_with(text).empty()) {
    if (std::chrono::steady_clock::now() > deadline) return false;
    std::this_thread::sleep_for(std::chrono::milliseconds(5));
  }
  return true;
}

}  // namespace pipeline::sandbox
