// Leaving by what the kernel offers: mounts, namespaces, rights, devices, settings.
#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <fstream>

#include "stages/host/file.h"
#include "tests/e2e/sandbox/escape_fixture.h"

namespace pipeline::sandbox {
namespace {

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

// Waits until `program`, which asks for a password, sleeps in its question, and looks whose rights
// it has by then. A control by root is made by an ordinary user, since root has nothing to gain.
std::string gains_rights(const std::string& program) {
  return "import os,time\n"
         "if os.getuid()==0: os.setgroups([]); os.setgid(65500); os.setuid(65500)\n"
         "question,answer=os.pipe()\n"
         "child=os.fork()\n"
         "if child==0:\n"
         "  os.dup2(question,0); null=os.open(\"/dev/null\",os.O_WRONLY)\n"
         "  os.dup2(null,1); os.dup2(null,2)\n"
         "  os.execv(\"" +
         program + "\",[\"su\",\"root\"])\n" +
         "while True:\n"
         "  lines=dict(l.split(\":\",1) for l in open(f\"/proc/{child}/status\"))\n"
         "  state=lines[\"State\"].split()[0]; ids=lines[\"Uid\"].split()\n"
         "  if len(set(ids))>1: print(\"ESCAPED\"); break\n"
         "  if state in \"ZX\" or state==\"S\" and lines[\"Name\"].strip()!=\"python3\": break\n"
         "  time.sleep(0.001)\n"
         "os.kill(child,9)\n";
}

TEST_F(EscapeTest, GainingRightsFromASetuidProgram) {
  struct stat su {};
  if (::stat("/usr/bin/su", &su) != 0 || (su.st_mode & S_ISUID) == 0) {
    GTEST_SKIP() << "this machine has no setuid su";
  }
  expect_contained(python(gains_rights("/usr/bin/su")));
}

TEST_F(EscapeTest, GainingRightsFromASetuidProgramInALayer) {
  if (::geteuid() != 0) GTEST_SKIP() << "only root can plant one";
  const auto source = layer("source", {{"file", ""}});
  std::filesystem::copy_file("/usr/bin/id", source / "id");
  EXPECT_EQ(::chmod((source / "id").c_str(), 04755), 0);
  auto job = plan({"true"});
  job.workspace.lower = {source};
  // As root inside, or as anybody but who one is.
  const std::string look = "test \"$($ID -u)\" != \"$(id -ru)\" && echo ESCAPED";
  job.commands = {"ID=./id; " + look};
  expect_fails_inside(job, look);
  const std::string seen =
      outside("ID=" + (source / "id").string() +
              " setpriv --reuid 65500 --regid 65500 --clear-groups sh -c '" + look + "'");
  EXPECT_EQ(seen, "ESCAPED\n");
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
  // Each is given the value that it has.
  expect_contained(::geteuid() == 0 ? Control::where_offered : Control::needs_root,
                   "for f in /sys/kernel/mm/transparent_hugepage/khugepaged/pages_to_scan "
                   "/sys/block/*/queue/read_ahead_kb /sys/kernel/rcu_expedited; do "
                   "v=$(cat $f) && echo $v > $f && echo ESCAPED; done");
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
  struct Call {
    const char* name;
    int number;
  };
  for (const Call call : {Call{"io_uring_setup", 425}, Call{"bpf", 321}, Call{"userfaultfd", 323},
                          Call{"keyctl", 250}, Call{"clone3", 435}}) {
    // Known to the kernel, whatever it thinks of the arguments: anything but ENOSYS.
    const std::string attempt = python(
        "import ctypes\n"
        "libc=ctypes.CDLL(None,use_errno=True)\n"
        "libc.syscall(" +
        std::to_string(call.number) +
        ",0,0,0,0,0)\n"
        "print(\"ESCAPED\" if ctypes.get_errno()!=38 else \"unknown\")");
    SCOPED_TRACE(call.name);
    if (outside(attempt).find("ESCAPED") == std::string::npos) {
      std::cout << call.name << ": not in this kernel, so nothing to compare with\n";
      expect_fails_inside(plan({attempt}), attempt);
      continue;
    }
    expect_contained(attempt);
  }
}

TEST_F(EscapeTest, LeavingThroughDescriptors) {
  std::ofstream(root_ / "secret") << "ESCAPED\n";
  // Not close-on-exec, and there while the launcher starts everything.
  const int place = ::open(root_.c_str(), O_PATH | O_DIRECTORY);
  ASSERT_GE(place, 0);
  const std::string attempt =
      "cat /proc/self/fd/*/secret /proc/[0-9]*/fd/*/secret 2>/dev/null; true";
  expect_fails_inside(plan({attempt}), attempt);
  const std::string seen = outside(attempt, {{place, place}});
  ::close(place);
  EXPECT_NE(seen.find("ESCAPED"), std::string::npos) << seen;
}

TEST_F(EscapeTest, HasNoDescriptorsButThree) {
  EXPECT_EQ(run("cd /proc/self/fd; for fd in *; do readlink $fd; done | grep -v '^/proc' | "
                "sed 's/:.*//' | sort -u")
                .output,
            "/dev/null\npipe\n");
}

// The sandbox's root is built beside the host's, which stays at /.host until the job is furnished.
class OldRootTest : public EscapeTest {
 protected:
  std::string attempt() const {
    return "for r in /.host /proc/[0-9]*/root/.host /proc/[0-9]*/cwd/.host; do "
           "test -e $r && echo ESCAPED; done; "
           "grep -q '/\\.host' /proc/self/mountinfo && echo ESCAPED; "
           "grep -qF '" +
           root_.string() +
           "' /proc/self/mountinfo && echo ESCAPED; "
           "ls -A / | grep -q host && echo ESCAPED; true";
  }
  // A root put together in the same way, and left as it is before the job is furnished.
  std::string unfinished(const std::string& command) const {
    return "unshare -rm sh -euc '"
           "mkdir -p new; mount -t tmpfs none new; mkdir new/.host new/proc new/usr; "
           "mount --rbind /proc new/proc; mount --rbind /usr new/usr; "
           "for d in bin sbin lib lib64; do ln -s usr/$d new/$d; done; "
           "cd new; pivot_root . .host; cd /; exec sh -c \"$0\"' '" +
           command + "'";
  }
};

TEST_F(OldRootTest, NothingOfItIsLeft) {
  auto job = plan({"true"});
  job.workspace.lower = {layer("source", {{"file", ""}})};
  job.commands = {attempt()};
  expect_fails_inside(job, attempt());
}

// Its root has been there for longer.
TEST_F(OldRootTest, NothingOfItIsLeftForAJobThatWasPrepared) {
  launcher_->prepare();
  auto job = plan({"true"});
  job.workspace.lower = {layer("source", {{"file", ""}})};
  job.commands = {attempt()};
  expect_fails_inside(job, attempt());
}

// Each of the ways to see it, where it was left.
TEST_F(OldRootTest, WouldBeSeen) {
  if (outside("unshare -rm true && echo works") != "works\n") {
    GTEST_SKIP() << "namespaces of one's own are not to be had here";
  }
  for (const char* way :
       {"test -e /.host && echo ESCAPED", "ls -A / | grep -q host && echo ESCAPED",
        "grep -q /.host /proc/self/mountinfo && echo ESCAPED",
        "test -e /proc/self/root/.host && echo ESCAPED"}) {
    const std::string seen = outside(unfinished(way));
    EXPECT_EQ(seen, "ESCAPED\n") << way;
  }
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
