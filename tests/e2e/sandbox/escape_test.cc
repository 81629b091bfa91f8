// Leaving by files, processes and sockets of the host.
#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <linux/landlock.h>
#include <pwd.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <cstddef>
#include <cstring>
#include <fstream>

#include "stages/host/file.h"
#include "tests/e2e/sandbox/escape_fixture.h"

namespace pipeline::sandbox {
namespace {

long landlock_abi() {
  return ::syscall(SYS_landlock_create_ruleset, nullptr, 0, LANDLOCK_CREATE_RULESET_VERSION);
}

// A directory that is really in `parent`, with a file that everybody may read; empty where we may
// not make one.
class PlantedDirectory {
 public:
  explicit PlantedDirectory(const std::filesystem::path& parent) {
    std::string name = (parent / ".pipeline-escape-XXXXXX").string();
    if (::mkdtemp(name.data()) == nullptr) return;
    path_ = name;
    ::chmod(path_.c_str(), 0755);
    std::ofstream(path_ / "secret") << "ESCAPED\n";
  }
  ~PlantedDirectory() {
    std::error_code ignored;
    if (!path_.empty()) std::filesystem::remove_all(path_, ignored);
  }
  PlantedDirectory(const PlantedDirectory&) = delete;
  PlantedDirectory& operator=(const PlantedDirectory&) = delete;
  const std::filesystem::path& path() const { return path_; }

 private:
  std::filesystem::path path_;
};

TEST_F(EscapeTest, ReadingRootsHome) {
  expect_contained(Control::needs_root, "test \"$(ls -A /root)\" && echo ESCAPED");
}

TEST_F(EscapeTest, ReadingTheStartersHome) {
  const passwd* me = ::getpwuid(::geteuid());
  if (me == nullptr) GTEST_SKIP() << "who runs the tests has no home";
  const PlantedDirectory home(me->pw_dir);
  if (home.path().empty()) GTEST_SKIP() << me->pw_dir << " cannot be written";
  expect_contained("cat " + (home.path() / "secret").string());
}

TEST_F(EscapeTest, ReadingAnotherUsersHome) {
  const PlantedDirectory home("/home");
  if (home.path().empty()) GTEST_SKIP() << "only root can make a home for somebody else";
  EXPECT_EQ(::chown(home.path().c_str(), 65500, 65500), 0);
  expect_contained("cat " + (home.path() / "secret").string());
}

TEST_F(EscapeTest, ReadingWhatOnlyRootMayRead) {
  expect_contained(Control::needs_root, "cat /etc/shadow >/dev/null && echo ESCAPED");
}

TEST_F(EscapeTest, ReadingFilesOfAnotherJobOrOfTheHost) {
  std::ofstream(root_ / "secret") << "ESCAPED\n";
  ::chmod((root_ / "secret").c_str(), 0644);
  expect_contained("cat " + (root_ / "secret").string());
}

TEST_F(EscapeTest, WritingToAnotherJobsWorkspace) {
  const auto other = layer("other", {{"file", ""}});
  ::chmod(other.c_str(), 0777);
  expect_contained("echo x > " + (other / "planted").string() + " && echo ESCAPED");
}

TEST_F(EscapeTest, ChangingALayer) {
  auto job = plan({"true"});
  job.workspace.lower = {layer("source", {{"file", "original"}})};
  const std::string attempt = "echo changed > " + (root_ / "source/file").string() +
                              "; echo changed > file; grep -q changed " +
                              (root_ / "source/file").string() + " && echo ESCAPED";
  job.commands = {attempt};
  expect_contained(job, attempt);
}

TEST_F(EscapeTest, WritingToSystemDirectories) {
  const std::string file = "/.escape-" + root_.filename().string();
  std::string attempt;
  for (const char* directory : {"/etc", "/usr", "/usr/bin", "/usr/lib", "/bin", "/sbin", "/lib",
                                "/root", "/run", "/dev", ""}) {
    const std::string path = directory + file;
    for (const std::string& part : {std::string("touch "), path, std::string(" && rm "), path}) {
      attempt += part;
    }
    attempt += " && echo ESCAPED\n";
  }
  expect_fails_inside(plan({attempt}), attempt);
  if (::geteuid() != 0) GTEST_SKIP() << "contained; that it works outside only root can show";
  const std::string seen = outside(attempt);
  EXPECT_EQ(std::count(seen.begin(), seen.end(), '\n'), 11)
      << "each of them, and no error: " << seen;
}

TEST_F(EscapeTest, SeeingProcessesOfTheHost) {
  expect_contained("test -d /proc/" + std::to_string(::getpid()) + "/fd && echo ESCAPED");
}

// A process of the host that waits to be harmed, of the user who runs the tests.
class Victim {
 public:
  Victim() : pid_(::fork()) {
    if (pid_ != 0) return;
    while (true) ::pause();
  }
  ~Victim() {
    ::kill(pid_, SIGKILL);
    ::waitpid(pid_, nullptr, 0);
  }
  Victim(const Victim&) = delete;
  Victim& operator=(const Victim&) = delete;
  std::string pid() const { return std::to_string(pid_); }

 private:
  pid_t pid_;
};

TEST_F(EscapeTest, SignallingProcessesOfTheHost) {
  const Victim victim;
  expect_contained("kill -KILL " + victim.pid() + " && echo ESCAPED");
}

TEST_F(EscapeTest, TracingProcessesOfTheHost) {
  // Where Yama allows tracing of children only, the control needs CAP_SYS_PTRACE.
  const auto yama = host::read_file("/proc/sys/kernel/yama/ptrace_scope");
  const Victim victim;
  expect_contained(yama && yama->front() != '0' ? Control::needs_root : Control::by_anybody,
                   python("import ctypes\n"
                          "libc=ctypes.CDLL(None,use_errno=True)\n"
                          "print(\"ESCAPED\" if libc.ptrace(0x4206," +
                          victim.pid() + ",0,0)==0 else \"no\")"));
}

TEST_F(EscapeTest, ReadingTheMemoryOfProcessesOfTheHost) {
  const auto yama = host::read_file("/proc/sys/kernel/yama/ptrace_scope");
  const Victim victim;
  expect_contained(yama && yama->front() != '0' ? Control::needs_root : Control::by_anybody,
                   "head -c 1 /proc/" + victim.pid() + "/environ >/dev/null && echo ESCAPED");
}

TEST_F(EscapeTest, TracingAProcessThatHasMoreRights) {
  // Inside, pid 1; outside, a child of one's own.
  expect_contained(
      python("import ctypes,os,time\n"
             "libc=ctypes.CDLL(None,use_errno=True)\n"
             "victim=1 if os.getuid()==1000 and os.path.isdir(\"/workspace\") else os.fork()\n"
             "if victim==0: time.sleep(5); os._exit(0)\n"
             "ok=libc.ptrace(0x4206,victim,0,0)==0\n"
             "if victim!=1: os.kill(victim,9)\n"
             "print(\"ESCAPED\" if ok else \"no\")"));
}

TEST_F(EscapeTest, ReachingAServiceOnTheHostsLoopback) {
  const host::UniqueFd server(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
  ASSERT_EQ(::listen(server.get(), 8), 0);  // any free port
  sockaddr_in address{};
  socklen_t size = sizeof address;
  ASSERT_EQ(::getsockname(server.get(), reinterpret_cast<sockaddr*>(&address), &size), 0);
  expect_contained(
      python("import socket\n"
             "socket.create_connection((\"127.0.0.1\"," +
             std::to_string(ntohs(address.sin_port)) +
             "),2)\n"
             "print(\"ESCAPED\")"));
}

class AbstractSocket {
 public:
  explicit AbstractSocket(const std::string& name)
      : socket_(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    std::memcpy(address.sun_path + 1, name.data(), name.size());
    const auto size = static_cast<socklen_t>(offsetof(sockaddr_un, sun_path) + 1 + name.size());
    EXPECT_EQ(::bind(socket_.get(), reinterpret_cast<sockaddr*>(&address), size), 0);
    EXPECT_EQ(::listen(socket_.get(), 8), 0);
  }

 private:
  host::UniqueFd socket_;
};

std::string connect_to(const std::string& name) {
  return "import socket\ns=socket.socket(socket.AF_UNIX)\ns.connect(\"\\0" + name +
         "\")\nprint(\"ESCAPED\")";
}

TEST_F(EscapeTest, ReachingAnAbstractSocketOfTheHost) {
  const std::string name = root_.filename();
  const AbstractSocket server(name);
  expect_contained(python(connect_to(name)));
}

TEST_F(EscapeTest, ReachingAnAbstractSocketWithTheHostsNetwork) {
  const std::string name = root_.filename();
  const AbstractSocket server(name);
  const std::string attempt = python(connect_to(name));
  auto job = plan({attempt});
  job.limits.network = model::NetworkMode::host;
  if (landlock_abi() < 6) GTEST_SKIP() << "needs Landlock ABI 6";
  expect_contained(job, attempt);
}

}  // namespace
}  // namespace pipeline::sandbox
