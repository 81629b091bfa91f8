// Gates over a real sandbox, a real relay and a backend in this process; the tree is a directory.
#include <unistd.h>

#include "stages/deploy/gates/standard_gates.h"
#include "stages/host/file.h"
#include "stages/host/listener.h"
#include "tests/support/http/http_backend.h"
#include "tests/support/isolation/isolation.h"
#include "tests/support/manual_clock.h"
#include "tests/support/temporary_directory.h"

namespace pipeline::deploy::gates {
namespace {

using base::ErrorKind;
using testing::HasSubstr;

// A tree that lies in a directory.
class DirectorySource final : public source::Source {
 public:
  explicit DirectorySource(std::filesystem::path directory) : directory_(std::move(directory)) {}
  base::Result<std::string> read_file(const source::Revision& revision,
                                      const std::string& path) override {
    EXPECT_EQ(revision.tree, "the-tree");
    return host::read_file(directory_ / path);
  }
  base::Result<source::WorkTree> work_tree(const std::string&, const std::string&) override {
    return source::WorkTree(directory_, nullptr);
  }
  base::Result<source::Revision> snapshot(const std::filesystem::path&) override {
    return unused();
  }
  base::Result<source::Revision> fetch(const std::string&, const std::string&,
                                       const source::FetchObserver&) override {
    return unused();
  }
  base::Result<std::vector<TreeEntry>> list_files(const source::Revision&,
                                                  const std::string&) override {
    return unused();
  }
  base::Result<std::vector<std::string>> changed_paths(const std::string&, const std::string&,
                                                       const std::string&) override {
    return unused();
  }
  base::Result<std::vector<std::string>> brought_by(const std::string&, const std::string&,
                                                    const std::string&) override {
    return unused();
  }

 private:
  static tl::unexpected<base::Error> unused() {
    ADD_FAILURE() << "a gate has no use for this";
    return base::fail(ErrorKind::internal, "unused");
  }
  std::filesystem::path directory_;
};

class GatesTest : public testing::Test {
 protected:
  void SetUp() override {
    std::filesystem::create_directories(temporary_.path() / "tree");
    std::filesystem::create_directories(temporary_.path() / "work");
  }

  GateContext context(GatePhase phase = GatePhase::before_traffic) {
    return {.phase = phase,
            .environment = "production",
            .release = 7,
            .preview_url = url(preview_),
            .public_url = url(public_),
            .repository = "r",
            .tree = "the-tree",
            .toggles = "flags.json"};
  }
  static std::string url(const support::HttpBackend& backend) {
    return "http://127.0.0.1:" + std::to_string(backend.port());
  }

  StandardGates gates() {
    return StandardGates(
        {.step = {.source = source_,
                  .layers = layers_,
                  .artifacts = artifacts_,
                  .caches = caches_,
                  .workspaces = workspaces_,
                  .launcher = launcher_},
         .relay_program = relay_program_,
         .directory = temporary_.path() / "gates"},
        [this] { return settings_; }, clock_);
  }
  base::Result<GateVerdict> ask(const decltype(model::GateSpec::gate)& gate,
                                const GateContext& context, std::stop_token stop = {}) {
    return gates().ask({.gate = gate, .span = {}}, context, std::move(stop));
  }
  base::Result<GateVerdict> smoke(std::vector<std::string> run,
                                  GatePhase phase = GatePhase::before_traffic) {
    return ask(model::SmokeGate{.run = std::move(run)}, context(phase));
  }

  support::TemporaryDirectory temporary_;
  toggle::Settings settings_;
  std::filesystem::path relay_program_ = RELAY_PROGRAM;
  support::ManualClock clock_{std::chrono::sys_days(std::chrono::year(2026) / 11 / 23)};
  support::HttpBackend preview_{"preview-release"};
  support::HttpBackend public_{"public-release"};
  DirectorySource source_{temporary_.path() / "tree"};
  workspace::LayerStore layers_{temporary_.path() / "layers"};
  artifact::ArtifactStore artifacts_{temporary_.path() / "artifacts"};
  workspace::CacheStore caches_{temporary_.path() / "caches", std::uint64_t{1} << 30U};
  workspace::WorkspaceRoom workspaces_{temporary_.path() / "work"};
  sandbox::Launcher launcher_{SANDBOX_PROGRAM};
};

class SmokeGateTest : public GatesTest {
 protected:
  void SetUp() override {
    if (const auto missing = support::missing_for_isolation()) GTEST_SKIP() << *missing;
    GatesTest::SetUp();
  }
};

// What a smoke test does without curl, which a sandbox need not have.
constexpr const char* kGet =
    "get() { python3 -c 'import sys, urllib.request; "
    "print(urllib.request.urlopen(sys.argv[1], timeout=5).read().decode())' \"$1\"; }; ";

TEST_F(SmokeGateTest, SmokeReachesThePreviewBeforeTraffic) {
  const auto verdict =
      smoke({std::string(kGet) + "test \"$(get $PREVIEW_URL)\" = preview-release"});
  ASSERT_TRUE(verdict) << verdict.error().to_string();
  EXPECT_TRUE(verdict->passed) << verdict->detail;
  EXPECT_EQ(preview_.requests(), 1U);
}

TEST_F(SmokeGateTest, SmokeReachesThePublicAddressAfterPromotion) {
  const auto verdict =
      smoke({std::string(kGet) +
             "test \"$(get $PUBLIC_URL)$(get $PREVIEW_URL)\" = public-releasepublic-release"},
            GatePhase::after_promotion);
  ASSERT_TRUE(verdict) << verdict.error().to_string();
  EXPECT_TRUE(verdict->passed) << verdict->detail;
  EXPECT_EQ(preview_.requests(), 0U);
}

TEST_F(SmokeGateTest, SmokeReachesNothingElse) {
  // The public address, another port of this machine that listens, and the world.
  const auto verdict = smoke({std::string(kGet) + "! get $PUBLIC_URL 2>/dev/null",
                              std::string(kGet) + "! get http://192.0.2.1/ 2>/dev/null"});
  ASSERT_TRUE(verdict) << verdict.error().to_string();
  EXPECT_TRUE(verdict->passed) << verdict->detail;
  EXPECT_EQ(public_.requests(), 0U);
}

TEST_F(SmokeGateTest, SmokeSaysWhichCommandFailedAndWhatItPrinted) {
  const auto verdict = smoke({"true", "echo expected 200, got 500; exit 3", "echo never"});
  ASSERT_TRUE(verdict) << verdict.error().to_string();
  EXPECT_FALSE(verdict->passed);
  EXPECT_EQ(verdict->detail, "echo expected 200, got 500; exit 3: exit code 3");
  EXPECT_THAT(verdict->last_lines, testing::ElementsAre("expected 200, got 500"));
}

TEST_F(SmokeGateTest, SmokeShowsItsLastTwentyLinesLineByLine) {
  const auto verdict = smoke({"seq 1 30; printf '  indented\\n\\n'; exit 1"});
  ASSERT_TRUE(verdict) << verdict.error().to_string();
  ASSERT_EQ(verdict->last_lines.size(), 19U) << "an empty line at the end says nothing";
  EXPECT_EQ(verdict->last_lines.front(), "13");
  EXPECT_EQ(verdict->last_lines.back(), "  indented");
}

TEST_F(SmokeGateTest, SmokeReachesAPrivilegedPort) {
  if (::geteuid() != 0) GTEST_SKIP() << "needs root: an ordinary user serves no such port";
  std::uint16_t port = 1023;
  while (port > 600 && !host::can_listen({"127.0.0.1", port})) --port;
  support::HttpBackend low("low-release", port);
  auto context = this->context();
  context.preview_url = url(low);
  const auto verdict = ask(
      model::SmokeGate{.run = {std::string(kGet) + "test \"$(get $PREVIEW_URL)\" = low-release"}},
      context);
  ASSERT_TRUE(verdict) << verdict.error().to_string();
  EXPECT_TRUE(verdict->passed) << verdict->detail;
}

TEST_F(SmokeGateTest, ARelayThatFailsIsNotTheReleasesFault) {
  relay_program_ = temporary_.path() / "relay";
  temporary_.write("relay", "#!/bin/sh\necho cannot listen >&2\nexit 1\n");
  std::filesystem::permissions(relay_program_, std::filesystem::perms(0755));
  const auto verdict = smoke({"true"});
  ASSERT_FALSE(verdict);
  EXPECT_EQ(verdict.error().kind(), ErrorKind::unavailable);
  EXPECT_THAT(verdict.error().to_string(), HasSubstr("the smoke test could not run: "));
  EXPECT_THAT(verdict.error().to_string(), HasSubstr(": cannot listen"));
}

TEST_F(SmokeGateTest, EachSmokeGateKeepsItsLogUntilItsReleaseIsForgotten) {
  const auto log = [&](const char* gate) {
    return std::filesystem::exists(temporary_.path() / "gates" / gate / "log");
  };
  auto context = this->context();
  for (context.gate = 0; context.gate < 2; ++context.gate) {
    EXPECT_TRUE(ask(model::SmokeGate{.run = {"echo said"}}, context));
  }
  EXPECT_TRUE(log("7/before-0") && log("7/before-1"));
  EXPECT_TRUE(gates().forget(6));
  EXPECT_TRUE(log("7/before-0"));
  EXPECT_TRUE(gates().forget(7));
  EXPECT_FALSE(log("7/before-0") || log("7/before-1"));
}

TEST_F(SmokeGateTest, SmokeSeesTheTreeAndItsEnvironment) {
  temporary_.write("tree/smoke.sh", "test \"$ENVIRONMENT $RELEASE\" = \"production 7\"\n");
  const auto verdict = smoke({"sh smoke.sh", R"(test -n "$PREVIEW_URL" -a -n "$PUBLIC_URL")"});
  ASSERT_TRUE(verdict) << verdict.error().to_string();
  EXPECT_TRUE(verdict->passed) << verdict->detail;
}

TEST_F(SmokeGateTest, SmokeFailsWhenTheReleaseIsGone) {
  auto gone = context();
  {
    support::HttpBackend backend("gone");
    gone.preview_url = url(backend);
  }
  const auto verdict =
      ask(model::SmokeGate{.run = {std::string(kGet) + "get $PREVIEW_URL 2>/dev/null"}}, gone);
  ASSERT_TRUE(verdict) << verdict.error().to_string();
  EXPECT_FALSE(verdict->passed);
}

TEST_F(SmokeGateTest, SmokeHasItsTime) {
  const auto verdict =
      ask(model::SmokeGate{.run = {"sleep 1000000"}, .timeout = std::chrono::milliseconds(300)},
          context());
  ASSERT_TRUE(verdict) << verdict.error().to_string();
  EXPECT_FALSE(verdict->passed);
  EXPECT_THAT(verdict->detail, HasSubstr("sleep 1000000: did not finish within 300ms"));
}

TEST_F(SmokeGateTest, SmokeCanBeStopped) {
  std::stop_source stop;
  stop.request_stop();
  const auto verdict = ask(model::SmokeGate{.run = {"sleep 1000000"}}, context(), stop.get_token());
  ASSERT_FALSE(verdict);
  EXPECT_EQ(verdict.error().kind(), ErrorKind::cancelled);
}

TEST_F(GatesTest, TogglesAreReadFromTheTree) {
  const model::ToggleGate gate{.off = {"dark"}};
  const auto flags = [](const char* variant) {
    return R"({"flags":{"dark":{"state":"ENABLED","variants":{"on":true,"off":false},
        "defaultVariant":")" +
           std::string(variant) + R"(","metadata":{"owner":"shop","expiry":"2027-01-31"}}}})";
  };
  EXPECT_EQ(ask(gate, context())->detail, "the flag file flags.json is not in the tree");
  temporary_.write("tree/flags.json", flags("off"));
  EXPECT_TRUE(ask(gate, context())->passed);
  EXPECT_EQ(ask(gate, context())->detail, "toggle dark is off");
  temporary_.write("tree/flags.json", flags("on"));
  EXPECT_FALSE(ask(gate, context())->passed);
  EXPECT_TRUE(ask(gate, context(GatePhase::after_promotion))->passed);
  temporary_.write("tree/flags.json", "{");
  EXPECT_FALSE(ask(gate, context())->passed);
  EXPECT_THAT(ask(gate, context())->detail,
              HasSubstr("flags.json: the flag file is not valid JSON"));
  auto without = context();
  without.toggles.reset();
  EXPECT_EQ(ask(gate, without)->detail,
            "environment production names no flag file; set `toggles` to its path");
}

// What users would be served counts: the file, and what an operator has set over it.
TEST_F(GatesTest, TogglesAreLookedAtAsOperatorsHaveSetThem) {
  temporary_.write("tree/flags.json",
                   R"({"flags":{"dark":{"state":"ENABLED","variants":{"on":true,"off":false},
        "defaultVariant":"off","metadata":{"owner":"shop","expiry":"2027-01-31"}}}})");
  const model::ToggleGate gate{.off = {"dark"}};
  settings_["dark"] = {.value = "on", .by = "ann", .at = clock_.now()};
  const auto on = ask(gate, context());
  EXPECT_FALSE(on->passed);
  EXPECT_EQ(on->detail,
            "toggle dark evaluates to \"on\" for a user whom no rule lists; dark was set to on by "
            "ann");
  settings_["dark"].value = "off";
  EXPECT_TRUE(ask(gate, context())->passed);
}

TEST_F(GatesTest, TogglesExpire) {
  temporary_.write("tree/flags.json",
                   R"({"flags":{"dark":{"state":"ENABLED","variants":{"on":true,"off":false},
        "defaultVariant":"off","metadata":{"owner":"shop","expiry":"2026-11-23"}}}})");
  const model::ToggleGate gate{.off = {"dark"}};
  EXPECT_TRUE(ask(gate, context())->passed);
  clock_.advance(std::chrono::hours(24));
  EXPECT_FALSE(ask(gate, context())->passed);
}

}  // namespace
}  // namespace pipeline::deploy::gates
