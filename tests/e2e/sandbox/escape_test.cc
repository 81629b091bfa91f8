// Each way out of a sandbox that we know of, tried twice: inside, where it must fail, and outside,
// as the same user, where it must work, so that the attempt itself is proved.
//
// An attempt is a shell command that prints ESCAPED when it succeeds.
#include <arpa/inet.h>
#include <fcntl.h>
#include <gtest/gtest.h>
#include <linux/landlock.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/un.h>
#include <unistd.h>

#include <cstddef>
#include <cstring>
#include <fstream>

#include "stages/host/file.h"
#include "stages/host/job_user.h"
#include "stages/host/process.h"
#include "tests/e2e/sandbox/sandbox_fixture.h"

namespace pipeline::sandbox {
namespace {

long landlock_abi() {
  return ::syscall(SYS_landlock_create_ruleset, nullptr, 0, LANDLOCK_CREATE_RULESET_VERSION);
}

class EscapeTest : public SandboxTest {
 protected:
  // The attempt without the sandbox. As whoever runs the tests, who is what a job must not become.
  std::string outside(const std::string& attempt) const {
    int ends[2];
    EXPECT_EQ(::pipe2(ends, O_CLOEXEC), 0);
    const host::UniqueFd read(ends[0]);
    host::UniqueFd write(ends[1]);
    auto child = host::spawn({.program = "/bin/sh",
                              .arguments = {"-c", attempt},
                              .directory = root_,
                              .descriptors = {{1, write.get()}, {2, write.get()}}});
    EXPECT_TRUE(child);
    write.reset();
    auto text = host::read_all(read.get());
    EXPECT_TRUE(child->wait());
    return text.value_or("");
  }

  enum class Control { by_anybody, needs_root };
  void expect_contained(const std::string& attempt) {
    expect_contained(Control::by_anybody, attempt);
  }
  void expect_contained(Control control, const std::string& attempt) {
    expect_contained(plan({attempt}), attempt, control);
  }
  void expect_contained(SandboxPlan job, const std::string& attempt,
                        Control control = Control::by_anybody) {
    job.shell = {"/bin/sh"};
    const Ran ran = run(job);
    EXPECT_EQ(ran.output.find("ESCAPED"), std::string::npos) << attempt << "\n" << ran.output;
    EXPECT_NE(ran.result.cause, SandboxResult::Cause::setup) << ran.result.reason;
    EXPECT_GE(ran.result.commands_started, 1U);
    if (control == Control::needs_root && ::geteuid() != 0) {
      GTEST_SKIP() << "contained; that it works outside only root can show";
    }
    const std::string seen = outside(attempt);
    EXPECT_NE(seen.find("ESCAPED"), std::string::npos)
        << "the attempt proves nothing, it fails outside too: " << attempt << "\n"
        << seen;
  }
  std::string python(const std::string& program) const { return "python3 -c '" + program + "'"; }
};

TEST_F(EscapeTest, ReadingTheStartersHome) {
  const char* home = ::geteuid() == 0 ? "/root" : root_.c_str();
  expect_contained("ls -a " + std::string(home) + " | grep -q '[a-z]' && echo ESCAPED");
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
  expect_contained(Control::needs_root,
                   "for d in /etc /usr/bin /usr/lib /; do touch $d/.pipeline-escape && "
                   "rm $d/.pipeline-escape && echo ESCAPED; done");
}

TEST_F(EscapeTest, SeeingProcessesOfTheHost) {
  expect_contained("test -d /proc/" + std::to_string(::getpid()) + "/fd && echo ESCAPED");
}

TEST_F(EscapeTest, SignallingProcessesOfTheHost) {
  expect_contained("kill -0 " + std::to_string(::getpid()) + " && echo ESCAPED");
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

TEST_F(EscapeTest, Mounting) {
  expect_contained(Control::needs_root,
                   "mkdir -p m; mount -t tmpfs none m && umount m && echo ESCAPED");
}

TEST_F(EscapeTest, MakingNamespacesToBecomeRootInThem) {
  expect_contained("unshare -Ur true && echo ESCAPED");
}

TEST_F(EscapeTest, MakingNamespacesByClone) {
  // CLONE_NEWUSER | SIGCHLD, by the call itself.
  expect_contained(
      python("import ctypes,os\n"
             "libc=ctypes.CDLL(None,use_errno=True)\n"
             "pid=libc.syscall(56,0x10000011,0,0,0,0)\n"
             "if pid==0: os._exit(0)\n"
             "print(\"ESCAPED\" if pid>0 else \"no\")"));
}

TEST_F(EscapeTest, MakingDeviceNodes) {
  expect_contained(Control::needs_root, "mknod node b 7 0 && rm node && echo ESCAPED");
}

TEST_F(EscapeTest, PlantingSetuidPrograms) {
  expect_contained("cp /bin/true planted && chmod 4755 planted && echo ESCAPED; rm -f planted");
}

TEST_F(EscapeTest, PlantingSetuidProgramsAtCreation) {
  expect_contained(
      python("import os\n"
             "os.umask(0)\n"
             "os.close(os.open(\"made\",os.O_CREAT|os.O_WRONLY,0o4755))\n"
             "print(\"ESCAPED\" if os.stat(\"made\").st_mode & 0o4000 else \"no\")\n"
             "os.unlink(\"made\")"));
}

TEST_F(EscapeTest, GainingRightsFromASetuidProgram) {
  expect_contained("grep -q 'NoNewPrivs:.*0' /proc/self/status && echo ESCAPED");
}

TEST_F(EscapeTest, KeepingCapabilities) {
  expect_contained(
      Control::needs_root,
      "grep -qE 'Cap(Inh|Prm|Eff|Bnd|Amb):.*[1-9a-f]' /proc/self/status && echo ESCAPED");
}

TEST_F(EscapeTest, ChangingKernelSettings) {
  expect_contained(
      Control::needs_root,
      "cat /proc/sys/kernel/domainname > saved; cat saved > /proc/sys/kernel/domainname && "
      "echo ESCAPED");
}

TEST_F(EscapeTest, WritingToSys) {
  expect_contained(Control::needs_root, "ls /sys/kernel && echo ESCAPED");
}

TEST_F(EscapeTest, TypingIntoATerminal) {
  // Where legacy_tiocsti forbids it outside as well, the errno tells who refused: the filter's
  // EPERM comes before the terminal is even looked at.
  const std::string attempt = python(
      "import ctypes,pty,os,fcntl,termios\n"
      "pid,fd=pty.fork()\n"
      "if pid==0:\n"
      "  try: fcntl.ioctl(0,termios.TIOCSTI,b\"x\")\n"
      "  except OSError as e: os._exit(e.errno)\n"
      "  os._exit(0)\n"
      "print(\"no\" if os.waitstatus_to_exitcode(os.waitpid(pid,0)[1]) else \"ESCAPED\")");
  const auto legacy = host::read_file("/proc/sys/dev/tty/legacy_tiocsti");
  if (legacy && legacy->front() == '0' && ::geteuid() != 0) {
    GTEST_SKIP() << "this kernel refuses it to everybody";
  }
  expect_contained(attempt);
}

TEST_F(EscapeTest, RareSocketFamilies) {
  // AF_ALG is open to every user of an ordinary kernel, AF_VSOCK likewise.
  for (const char* family : {"AF_ALG", "AF_VSOCK"}) {
    const std::string attempt =
        python("import socket\nsocket.socket(socket." + std::string(family) +
               ",socket.SOCK_SEQPACKET if \"" + family +
               "\"==\"AF_ALG\" else socket.SOCK_STREAM)\nprint(\"ESCAPED\")");
    if (outside(attempt).find("ESCAPED") == std::string::npos) continue;  // not in this kernel
    expect_contained(attempt);
  }
}

TEST_F(EscapeTest, KernelInterfacesThatSkipTheFilter) {
  // io_uring_setup, bpf, userfaultfd, keyctl: unknown inside.
  const Ran ran =
      run(python("import ctypes\n"
                 "libc=ctypes.CDLL(None,use_errno=True)\n"
                 "for call in (425,321,323,250,435):\n"
                 "  libc.syscall(call,0,0,0,0,0); print(ctypes.get_errno())"));
  EXPECT_EQ(ran.output, "38\n38\n38\n38\n38\n") << "ENOSYS each";
}

TEST_F(EscapeTest, LeavingThroughDescriptors) {
  // Nothing but 0, 1 and 2 comes from outside.
  EXPECT_EQ(run("cd /proc/self/fd; for fd in *; do readlink $fd; done | grep -v '^/proc' | "
                "sed 's/:.*//' | sort -u")
                .output,
            "/dev/null\npipe\n");
}

TEST_F(EscapeTest, LeavingThroughTheOldRoot) {
  auto job = plan({"grep -c '" + root_.string() + "' /proc/self/mountinfo || true"});
  job.workspace.lower = {layer("source", {{"file", ""}})};
  EXPECT_EQ(run(job).output, "0\n") << "no path of the host is shown";
}

TEST_F(EscapeTest, OpeningFilesByHandle) {
  expect_contained(Control::needs_root,
                   python("import ctypes,os\n"
                          "libc=ctypes.CDLL(None,use_errno=True)\n"
                          "h=ctypes.create_string_buffer(136); ctypes.c_uint.from_buffer(h)\n"
                          "ctypes.c_uint.from_buffer(h,0).value=128\n"
                          "m=ctypes.c_int()\n"
                          "d=os.open(\".\",os.O_RDONLY)\n"
                          "assert libc.syscall(303,-100,b\"/usr\",h,ctypes.byref(m),0)==0\n"
                          "fd=libc.syscall(304,os.open(\"/usr\",os.O_RDONLY),h,0)\n"
                          "print(\"ESCAPED\" if fd>=0 else \"no\")"));
}

}  // namespace
}  // namespace pipeline::sandbox
