#include "runner/serve/lookout.h"

#include <gmock/gmock.h>

#include <deque>
#include <semaphore>

#include "tests/support/manual_clock.h"

namespace pipeline::serve {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

// Looks that begin when they like and end when the test lets them.
class LookoutTest : public testing::Test {
 protected:
  void begin() {
    lookout_->start();
    lookout_->watch({.name = "near", .url = "/near", .added_at = {}});
    lookout_->watch({.name = "far", .url = "/far", .added_at = {}, .forge = forge::Forge::github});
  }
  void wait_for_look() { begun_.acquire(); }
  void let_end(base::Result<> with = {}) {
    {
      const std::scoped_lock guard(mutex_);
      ends_.push_back(std::move(with));
    }
    may_end_.release();
  }
  // No look begins any more.
  void end() { lookout_.reset(); }
  static base::Result<> failure() {
    return base::fail(base::ErrorKind::unavailable, "nobody answers");
  }

  support::ManualClock clock_;
  std::counting_semaphore<> begun_{0};
  std::counting_semaphore<> may_end_{0};
  std::mutex mutex_;  // guards what follows
  std::deque<base::Result<>> ends_;
  std::vector<std::string> told_;
  std::atomic<int> looks_ = 0;
  std::unique_ptr<Lookout> lookout_ = std::make_unique<Lookout>(
      [this](const store::RepositoryEntry& /*entry*/) -> base::Result<> {
        ++looks_;
        begun_.release();
        may_end_.acquire();
        const std::scoped_lock guard(mutex_);
        auto result = ends_.front();
        ends_.pop_front();
        return result;
      },
      clock_, [this](const std::string& line) { told_.push_back(line); });
};

TEST_F(LookoutTest, WhatIsToldMeanwhileIsOneMoreLook) {
  begin();
  wait_for_look();
  for (int i = 0; i < 5; ++i) lookout_->look_soon("far");
  let_end();
  wait_for_look();
  let_end();
  end();
  EXPECT_EQ(looks_, 2);
}

TEST_F(LookoutTest, AFailureIsToldOnce) {
  begin();
  for (int i = 0; i < 3; ++i) {
    wait_for_look();
    lookout_->look_soon("far");
    let_end(i < 2 ? failure() : base::Result<>());
  }
  wait_for_look();
  let_end();
  end();
  EXPECT_THAT(told_, ElementsAre(HasSubstr("nobody answers"), HasSubstr("can be looked at again")));
}

TEST_F(LookoutTest, WhatIsForgottenIsNotLookedAt) {
  begin();
  wait_for_look();
  lookout_->forget("far");
  lookout_->look_soon("far");
  lookout_->look_soon("nobody");
  let_end(failure());
  end();
  EXPECT_EQ(looks_, 1);
  EXPECT_TRUE(told_.empty());
}

}  // namespace
}  // namespace pipeline::serve
