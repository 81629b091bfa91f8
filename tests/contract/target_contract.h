// What every Target promises, as one suite over all implementations:
//
//   INSTANTIATE_TYPED_TEST_SUITE_P(Process, TargetContract, testing::Types<ProcessWorld>);
//
// A world makes the target and what it works with:
//   static std::optional<std::string> missing()   why it cannot be tested here; none: it can
//   deploy::Target& target()
//   base::Digest artifact(), other_artifact()     two that can be installed
//   base::Digest unknown_artifact()               one that was never made
//   base::Digest damaged_artifact()               one whose bytes are not what its digest says
//   static std::string serving()                  a `start` that runs until it is stopped
//   model::PortRange ports()                      four ports, free but for what the target itself
//   uses void crash(name)                              the instance's process dies of itself void
//   await(name, predicate)                   until an observation of the instance satisfies it
#pragma once

#include <gtest/gtest.h>

#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "stages/deploy/target.h"

namespace pipeline::contract {

using deploy::InstanceSpec;
using deploy::ObservedInstance;

template <class World>
class TargetContract : public testing::Test {
 protected:
  void SetUp() override {
    if (const auto reason = World::missing()) GTEST_SKIP() << *reason;
    world_ = std::make_unique<World>();
  }
  void TearDown() override {
    if (!world_) return;
    for (const auto& instance : observed()) EXPECT_TRUE(target().stop(instance.spec.name));
  }

  deploy::Target& target() { return world_->target(); }

  InstanceSpec spec(const std::string& name, std::uint64_t release = 1) {
    return {.name = name,
            .release = release,
            .start = World::serving(),
            .port = world_->ports().first,
            .env = {{"RELEASE", std::to_string(release)}, {"INSTANCE", name}},
            .stop = {.signal = 15, .timeout = std::chrono::seconds(5)}};
  }

  std::vector<ObservedInstance> observed() {
    const auto instances = target().observe();
    EXPECT_TRUE(instances) << instances.error().to_string();
    return instances.value_or(std::vector<ObservedInstance>{});
  }
  std::optional<ObservedInstance> observed(const std::string& name) {
    for (const auto& instance : observed()) {
      if (instance.spec.name == name) return instance;
    }
    return std::nullopt;
  }

  void install(std::uint64_t release = 1) {
    const auto installed = target().install(release, world_->artifact());
    ASSERT_TRUE(installed) << installed.error().to_string();
  }
  void start(const InstanceSpec& spec) {
    const auto started = target().start(spec);
    ASSERT_TRUE(started) << started.error().to_string();
  }

  std::unique_ptr<World> world_;
};

TYPED_TEST_SUITE_P(TargetContract);

TYPED_TEST_P(TargetContract, BeginsEmpty) {
  EXPECT_TRUE(this->observed().empty());
}

TYPED_TEST_P(TargetContract, InstallsOnce) {
  this->install();
  this->install();
  const auto other = this->target().install(1, this->world_->other_artifact());
  ASSERT_FALSE(other);
  EXPECT_EQ(other.error().kind(), base::ErrorKind::conflict);
  EXPECT_TRUE(this->target().install(2, this->world_->other_artifact()));
}

TYPED_TEST_P(TargetContract, TellsWhatCanBeInstalled) {
  EXPECT_TRUE(this->target().verify(this->world_->artifact()));
  const auto unknown = this->target().verify(this->world_->unknown_artifact());
  ASSERT_FALSE(unknown);
  EXPECT_EQ(unknown.error().kind(), base::ErrorKind::not_found);
  const auto damaged = this->target().verify(this->world_->damaged_artifact());
  ASSERT_FALSE(damaged);
  EXPECT_EQ(damaged.error().kind(), base::ErrorKind::corrupt);
  EXPECT_FALSE(this->target().start(this->spec("r1-1"))) << "it was not installed by looking";
}

TYPED_TEST_P(TargetContract, RefusesDamagedArtifacts) {
  const auto installed = this->target().install(1, this->world_->damaged_artifact());
  ASSERT_FALSE(installed);
  EXPECT_EQ(installed.error().kind(), base::ErrorKind::corrupt);
  EXPECT_FALSE(this->target().start(this->spec("r1-1"))) << "nothing half-installed can be started";
}

TYPED_TEST_P(TargetContract, StartsWhatIsInstalledOnly) {
  const auto started = this->target().start(this->spec("r1-1"));
  ASSERT_FALSE(started);
  EXPECT_EQ(started.error().kind(), base::ErrorKind::not_found);
  EXPECT_TRUE(this->observed().empty());
}

TYPED_TEST_P(TargetContract, StartsAndStops) {
  this->install();
  const auto spec = this->spec("r1-1");
  this->start(spec);
  const auto running = this->observed("r1-1");
  ASSERT_TRUE(running);
  EXPECT_EQ(running->spec, spec);
  EXPECT_TRUE(running->running);
  EXPECT_GT(running->pid, 0);
  EXPECT_EQ(running->restarts, 0U);
  EXPECT_TRUE(this->target().stop("r1-1"));
  EXPECT_TRUE(this->observed().empty());
  EXPECT_TRUE(this->target().stop("r1-1")) << "again is no error";
}

TYPED_TEST_P(TargetContract, StartsTheSameOnce) {
  this->install();
  this->start(this->spec("r1-1"));
  const auto first = this->observed("r1-1");
  this->start(this->spec("r1-1"));
  EXPECT_EQ(this->observed("r1-1")->pid, first->pid);
  EXPECT_EQ(this->observed().size(), 1U);
}

TYPED_TEST_P(TargetContract, ReplacesAnotherSpecOfThatName) {
  this->install();
  this->start(this->spec("r1-1"));
  const auto first = this->observed("r1-1");
  auto changed = this->spec("r1-1");
  changed.env["MORE"] = "yes";
  this->start(changed);
  const auto second = this->observed("r1-1");
  EXPECT_NE(second->pid, first->pid);
  EXPECT_EQ(second->spec, changed);
  EXPECT_EQ(this->observed().size(), 1U);
}

TYPED_TEST_P(TargetContract, KeepsInstancesApart) {
  this->install();
  this->start(this->spec("r1-1"));
  auto second = this->spec("r1-2");
  ++second.port;
  this->start(second);
  EXPECT_EQ(this->observed().size(), 2U);
  EXPECT_TRUE(this->target().stop("r1-1"));
  EXPECT_FALSE(this->observed("r1-1"));
  EXPECT_TRUE(this->observed("r1-2")->running);
}

TYPED_TEST_P(TargetContract, AnswersACrash) {
  this->install();
  this->start(this->spec("r1-1"));
  const int before = this->observed("r1-1")->pid;
  this->world_->crash("r1-1");
  this->world_->await("r1-1", [&](const ObservedInstance& instance) {
    return instance.running && instance.pid != before && instance.restarts == 1;
  });
}

TYPED_TEST_P(TargetContract, RemovesReleasesThatNobodyRuns) {
  this->install();
  this->start(this->spec("r1-1"));
  const auto refused = this->target().remove(1);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().kind(), base::ErrorKind::conflict);
  EXPECT_TRUE(this->target().stop("r1-1"));
  EXPECT_TRUE(this->target().remove(1));
  EXPECT_TRUE(this->target().remove(1)) << "again is no error";
  EXPECT_FALSE(this->target().start(this->spec("r1-1")));
}

TYPED_TEST_P(TargetContract, GivesPortsThatNobodyHas) {
  const auto range = this->world_->ports();
  const auto all = this->target().free_ports(range, 4, {});
  ASSERT_TRUE(all) << all.error().to_string();
  EXPECT_EQ(all->size(), 4U);
  this->install();
  this->start(this->spec("r1-1"));
  const auto rest = this->target().free_ports(range, 3, {});
  ASSERT_TRUE(rest);
  EXPECT_EQ(rest->size(), 3U);
  EXPECT_NE(rest->front(), range.first) << "an instance has it, whether or not it listens yet";
  const auto kept = this->target().free_ports(range, 2, {rest->front()});
  ASSERT_TRUE(kept);
  EXPECT_EQ(*kept, std::vector<std::uint16_t>(rest->begin() + 1, rest->end()));
  const auto none = this->target().free_ports(range, 4, {});
  ASSERT_FALSE(none);
  EXPECT_EQ(none.error().kind(), base::ErrorKind::exhausted);
  EXPECT_NE(none.error().message().find(std::to_string(range.first) + " by r1-1"),
            std::string::npos)
      << none.error().message();
}

REGISTER_TYPED_TEST_SUITE_P(TargetContract, BeginsEmpty, InstallsOnce, TellsWhatCanBeInstalled,
                            RefusesDamagedArtifacts, StartsWhatIsInstalledOnly, StartsAndStops,
                            StartsTheSameOnce, ReplacesAnotherSpecOfThatName, KeepsInstancesApart,
                            AnswersACrash, RemovesReleasesThatNobodyRuns, GivesPortsThatNobodyHas);

}  // namespace pipeline::contract
