#include "stages/sandbox/capabilities.h"

#include <gtest/gtest.h>

#include "tests/support/golden.h"

namespace pipeline::sandbox {
namespace {

const Capability kKernel{.name = "kernel", .found = "6.1.0-37-amd64"};
const Capability kNoUserNamespaces{.name = "user namespaces",
                                   .support = Support::missing,
                                   .found = "refused: Operation not permitted",
                                   .consequence = "no isolation can be built without them",
                                   .remedy = "sysctl -w kernel.unprivileged_userns_clone=1"};
const Capability kNoCgroup{
    .name = "cgroups",
    .support = Support::partial,
    .found = "mounted, nothing delegated to us",
    .consequence =
        "memory limits are watched from outside, and a fast job can exceed them for a "
        "moment; cpu limits do not hold",
    .remedy =
        "run under `systemd-run --user --scope pipeline ...`, or start the service with "
        "Delegate=yes"};

TEST(Capabilities, AreRenderedForAMachineThatCanDoAll) {
  EXPECT_TRUE(support::matches_golden("stages/doctor_full.txt", render({kKernel})));
}

TEST(Capabilities, AreRenderedWithWhatIsMissingAndHowToGetIt) {
  EXPECT_TRUE(support::matches_golden("stages/doctor_missing.txt",
                                      render({kKernel, kNoUserNamespaces, kNoCgroup})));
}

TEST(Capabilities, AllowIsolationUnlessSomethingNeededIsMissing) {
  EXPECT_TRUE(can_isolate({kKernel, kNoCgroup}));
  EXPECT_FALSE(can_isolate({kKernel, kNoUserNamespaces}));
}

TEST(Capabilities, AreProbedWithoutSideEffects) {
  const auto before = std::filesystem::read_symlink("/proc/self/ns/user");
  const auto capabilities = probe_capabilities();
  EXPECT_EQ(std::filesystem::read_symlink("/proc/self/ns/user"), before);
  EXPECT_GE(capabilities.size(), 8U);
  for (const auto& capability : capabilities) {
    EXPECT_FALSE(capability.name.empty());
    EXPECT_FALSE(capability.found.empty()) << capability.name;
    const bool full = capability.support == Support::full;
    EXPECT_EQ(capability.consequence.empty(), full) << capability.name;
    EXPECT_EQ(capability.remedy.empty(), full) << capability.name;
  }
}

}  // namespace
}  // namespace pipeline::sandbox
