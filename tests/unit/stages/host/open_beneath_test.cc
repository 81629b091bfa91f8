#include "stages/host/open_beneath.h"

#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstddef>
#include <cstring>
#include <filesystem>
#include <functional>
#include <thread>

#include "stages/host/file.h"
#include "tests/support/temporary_directory.h"

namespace pipeline::host {
namespace {

namespace fs = std::filesystem;

// For the calling thread, until it ends.
bool forget_openat2() {
  std::array filter = {
      sock_filter BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(seccomp_data, nr)),
      sock_filter BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_openat2, 0, 1),
      sock_filter BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | ENOSYS),
      sock_filter BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
  };
  const sock_fprog program{.len = filter.size(), .filter = filter.data()};
  return ::prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0 &&
         ::prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program) == 0 &&
         ::syscall(SYS_openat2, AT_FDCWD, ".", nullptr, 0) < 0 && errno == ENOSYS;
}

enum class Kernel { as_it_is, without_openat2 };

// Both ways of walking must answer alike.
class OpenBeneath : public testing::TestWithParam<Kernel> {
 protected:
  OpenBeneath() {
    dir.write("secret", "outside");
    dir.write("root/a/b/file", "inside");
    fs::create_symlink("../secret", dir.path() / "root/link");
    fs::create_directory_symlink("a", dir.path() / "root/to_a");
    root = *open_file(dir.path() / "root", O_PATH | O_DIRECTORY);
  }

  static void run(const std::function<void()>& body) {
    if (GetParam() == Kernel::as_it_is) return body();
    std::thread([&body] {
      ASSERT_TRUE(forget_openat2());
      body();
    }).join();
  }
  // The content, or why there is none.
  std::string look(const std::string& path, int flags = O_RDONLY) const {
    const UniqueFd fd = open_beneath(root.get(), path, flags);
    if (!fd) return ::strerrorname_np(errno);
    const auto text = read_all(fd.get());
    return text ? *text : text.error().to_string();
  }

  support::TemporaryDirectory dir;
  UniqueFd root;
};

TEST_P(OpenBeneath, OpensWhatIsThere) {
  run([this] {
    EXPECT_EQ(look("a/b/file"), "inside");
    EXPECT_EQ(look("./a//b/./file"), "inside");
    EXPECT_EQ(look("a/missing/file"), "ENOENT");
    EXPECT_EQ(look("a/b/file/more"), "ENOTDIR");
    EXPECT_TRUE(open_beneath(root.get(), "", O_RDONLY | O_DIRECTORY));
    EXPECT_TRUE(open_beneath(root.get(), "a/b/", O_RDONLY | O_DIRECTORY));
  });
}

TEST_P(OpenBeneath, FollowsNoSymlink) {
  run([this] {
    EXPECT_EQ(look("link"), "ELOOP");
    EXPECT_EQ(look("to_a/b/file"), "ELOOP");
    EXPECT_EQ(look("to_a", O_PATH | O_DIRECTORY), "ENOTDIR");
  });
}

TEST_P(OpenBeneath, LeadsNowhereElse) {
  run([this] {
    EXPECT_EQ(look("../secret"), "EXDEV");
    EXPECT_EQ(look("a/../../secret"), "EXDEV");
    EXPECT_EQ(look((dir.path() / "secret").string()), "EXDEV");
  });
}

TEST_P(OpenBeneath, MakesFilesWithTheModeAskedFor) {
  run([this] {
    ASSERT_TRUE(open_beneath(root.get(), "a/new", O_WRONLY | O_CREAT | O_EXCL, 0600));
    struct stat status {};
    ASSERT_EQ(::stat((dir.path() / "root/a/new").c_str(), &status), 0);
    EXPECT_EQ(status.st_mode & 07777U, 0600U);
    EXPECT_FALSE(open_beneath(root.get(), "a/new", O_WRONLY | O_CREAT | O_EXCL, 0600));
    EXPECT_EQ(errno, EEXIST);
  });
}

INSTANTIATE_TEST_SUITE_P(Kernels, OpenBeneath,
                         testing::Values(Kernel::as_it_is, Kernel::without_openat2),
                         [](const auto& kernel) {
                           return kernel.param == Kernel::as_it_is ? "AsItIs" : "WithoutOpenat2";
                         });

}  // namespace
}  // namespace pipeline::host
