#include "agents/link/remote/lease_board.h"

#include "tests/support/property.h"

namespace pipeline::link {
namespace {

using namespace std::chrono_literals;
using testing::ElementsAre;
using testing::IsEmpty;
using testing::SizeIs;

constexpr base::TimePoint kStart{1000s};
constexpr base::Duration kLease{45s};

AttemptKey attempt(const std::string& job, std::uint32_t number = 1) {
  return {7, job, number};
}

base::Digest digest(unsigned char byte) {
  base::Digest::Bytes bytes{};
  bytes[0] = byte;
  return base::Digest(bytes);
}

// "ticket agent job" of each grant.
std::vector<std::string> told(const std::vector<LeaseBoard::Grant>& grants) {
  std::vector<std::string> lines;
  lines.reserve(grants.size());
  for (const auto& grant : grants)
    lines.push_back(std::to_string(grant.ticket) + " " + grant.agent + " " + grant.attempt.job);
  return lines;
}

class LeaseBoardTest : public testing::Test {
 protected:
  LeaseBoardTest() {
    board_.welcome("a", {"linux"});
    board_.welcome("b", {"linux", "gpu"});
  }
  std::vector<std::string> matched() { return told(board_.match(kStart)); }
  // The lease of a job that nobody else would get.
  Fence lease(const std::string& job, const AgentName& agent) {
    board_.offer(attempt(job), {});
    board_.ask(next_ticket_++, agent);
    return board_.match(kStart).at(0).fence;
  }

  LeaseBoard board_{kLease};
  Ticket next_ticket_ = 100;
};

TEST_F(LeaseBoardTest, BringsOffersAndTicketsTogetherInTheirOrder) {
  board_.offer(attempt("one"), {});
  board_.offer(attempt("two"), {});
  EXPECT_THAT(matched(), IsEmpty());
  board_.ask(1, "a");
  board_.ask(2, "b");
  board_.ask(3, "b");
  EXPECT_THAT(matched(), ElementsAre("1 a one", "2 b two"));
  EXPECT_THAT(matched(), IsEmpty());
  board_.offer(attempt("three"), {});
  EXPECT_THAT(matched(), ElementsAre("3 b three"));
}

TEST_F(LeaseBoardTest, KeepsToLabels) {
  board_.offer(attempt("train"), {.labels = {"gpu"}, .uses = {}});
  board_.offer(attempt("fly"), {.labels = {"wings"}, .uses = {}});
  board_.offer(attempt("build"), {.labels = {"linux"}, .uses = {}});
  board_.ask(1, "a");
  EXPECT_THAT(matched(), ElementsAre("1 a build"));
  board_.ask(2, "b");
  EXPECT_THAT(matched(), ElementsAre("2 b train"));
  board_.ask(3, "b");
  EXPECT_THAT(matched(), IsEmpty());
  board_.welcome("b", {"wings"});
  EXPECT_THAT(matched(), ElementsAre("3 b fly"));
}

TEST_F(LeaseBoardTest, KeepsToTheAgentThatIsNamed) {
  board_.offer(attempt("deploy"), {.labels = {"linux"}, .uses = {}, .agent = "b"});
  board_.offer(attempt("build"), {.labels = {"linux"}, .uses = {}});
  board_.ask(1, "a");
  board_.ask(2, "a");
  EXPECT_THAT(matched(), ElementsAre("1 a build"));
  EXPECT_EQ(board_.reason_to_wait(attempt("deploy")), "waiting for agent b with label linux");
  board_.ask(3, "b");
  EXPECT_THAT(matched(), ElementsAre("3 b deploy"));
  board_.offer(attempt("again"), {.labels = {"wings"}, .uses = {}, .agent = "b"});
  EXPECT_EQ(board_.reason_to_wait(attempt("again")), "there is no agent b with label wings");
  board_.offer(attempt("stop"), {.labels = {}, .uses = {}, .agent = "c"});
  EXPECT_EQ(board_.reason_to_wait(attempt("stop")), "there is no agent c");
}

TEST_F(LeaseBoardTest, GivesOneOfThoseThatAreToBeAloneAtATime) {
  const Need need{.labels = {}, .uses = {}, .agent = {}, .alone = "deployment to shop/staging"};
  board_.offer(attempt("first"), need);
  board_.offer(attempt("second"), need);
  board_.offer(attempt("build"), {});
  board_.ask(1, "a");
  board_.ask(2, "a");
  board_.ask(3, "b");
  EXPECT_THAT(matched(), ElementsAre("1 a first", "3 b build"));
  EXPECT_EQ(board_.reason_to_wait(attempt("second")),
            "waiting for another deployment to shop/staging");
  board_.end(attempt("first"), {});
  EXPECT_THAT(matched(), ElementsAre("2 a second"));
}

// It would write what it does into a journal of its own.
TEST_F(LeaseBoardTest, GivesNoDeploymentToAnOlderAgent) {
  board_.welcome("a", {"linux"}, LeaseBoard::Deploys::no);
  board_.offer(
      attempt("deploy"),
      {.labels = {"linux"}, .uses = {}, .agent = "a", .alone = "deployment to shop/staging"});
  board_.ask(1, "a");
  EXPECT_THAT(matched(), IsEmpty());
  EXPECT_EQ(board_.reason_to_wait(attempt("deploy")),
            "agent a with label linux is of an older version, which deploys nothing");
  board_.offer(attempt("build"), {});
  EXPECT_THAT(matched(), ElementsAre("1 a build"));
  board_.welcome("a", {"linux"});
  board_.ask(2, "a");
  EXPECT_THAT(matched(), ElementsAre("2 a deploy"));
}

// It would not know the word.
TEST_F(LeaseBoardTest, AsksNoOlderAgentHowInstancesAre) {
  board_.welcome("a", {"linux"}, LeaseBoard::Deploys::yes);
  Need need{.labels = {}, .uses = {}, .agent = "a", .alone = "deployment to shop/staging"};
  board_.offer(attempt("deploy"), need);
  need.is_look = true;
  need.alone = "deployment to shop/production";
  board_.offer(attempt("look"), need);
  board_.ask(1, "a");
  board_.ask(2, "a");
  EXPECT_THAT(matched(), ElementsAre("1 a deploy"));
  EXPECT_EQ(board_.reason_to_wait(attempt("look")),
            "agent a is of an older version, which cannot look");
  board_.welcome("a", {"linux"});
  EXPECT_THAT(matched(), ElementsAre("2 a look"));
}

TEST_F(LeaseBoardTest, GivesNothingBesideOneThatAnEarlierBoardGave) {
  board_.adopt(attempt("first"), "a", 3, kStart, "deployment to shop/staging");
  board_.offer(attempt("second"),
               {.labels = {}, .uses = {}, .agent = {}, .alone = "deployment to shop/staging"});
  board_.ask(1, "b");
  EXPECT_THAT(matched(), IsEmpty());
  EXPECT_THAT(board_.take_lost(kStart + kLease), SizeIs(1));
  EXPECT_THAT(matched(), ElementsAre("1 b second"));
}

TEST_F(LeaseBoardTest, PrefersWhoHasTheOutputs) {
  const Fence build = lease("build", "b");
  EXPECT_TRUE(board_.renew("b", attempt("build"), build, kStart));
  board_.end(attempt("build"), {digest(1), digest(2)});
  board_.ask(1, "a");
  board_.ask(2, "b");
  board_.offer(attempt("test"), {.labels = {}, .uses = {digest(1), digest(3)}});
  EXPECT_THAT(matched(), ElementsAre("2 b test"));
  // It has been given what it used.
  board_.ask(3, "b");
  board_.offer(attempt("check"), {.labels = {}, .uses = {digest(3)}});
  EXPECT_THAT(matched(), ElementsAre("3 b check"));
}

TEST_F(LeaseBoardTest, PrefersWhoHasLessToDo) {
  lease("long", "a");
  board_.ask(1, "a");
  board_.ask(2, "b");
  board_.offer(attempt("short"), {});
  EXPECT_THAT(matched(), ElementsAre("2 b short"));
}

TEST_F(LeaseBoardTest, GivesNothingToWhoIsPausedOrHasLeft) {
  board_.offer(attempt("one"), {});
  board_.set_takes("a", LeaseBoard::Takes::nothing);
  board_.ask(1, "a");
  EXPECT_THAT(matched(), IsEmpty());
  board_.ask(2, "b");
  board_.farewell("b");
  EXPECT_THAT(matched(), IsEmpty());
  board_.set_takes("a", LeaseBoard::Takes::work);
  EXPECT_THAT(matched(), ElementsAre("1 a one"));
}

TEST_F(LeaseBoardTest, WhatIsWithdrawnIsNotGiven) {
  board_.offer(attempt("one"), {});
  EXPECT_TRUE(board_.withdraw(attempt("one")));
  EXPECT_FALSE(board_.withdraw(attempt("one")));
  board_.ask(1, "a");
  EXPECT_THAT(matched(), IsEmpty());
  board_.leave(1);
  board_.offer(attempt("two"), {});
  EXPECT_THAT(matched(), IsEmpty());
  board_.ask(2, "a");
  EXPECT_THAT(matched(), ElementsAre("2 a two"));
  EXPECT_FALSE(board_.withdraw(attempt("two")));
}

TEST_F(LeaseBoardTest, ALeaseEndsWhenItsAgentIsNotHeardOf) {
  const Fence one = lease("one", "a");
  const Fence two = lease("two", "b");
  EXPECT_EQ(board_.deadline(), kStart + kLease);
  EXPECT_TRUE(board_.renew("b", attempt("two"), two, kStart + 10s));
  EXPECT_THAT(board_.take_lost(kStart + kLease - 1s), IsEmpty());
  const auto lost = board_.take_lost(kStart + kLease);
  ASSERT_THAT(lost, SizeIs(1));
  EXPECT_EQ(lost[0].attempt, attempt("one"));
  EXPECT_EQ(lost[0].agent, "a");
  EXPECT_EQ(lost[0].last_heard, kStart);
  EXPECT_FALSE(board_.renew("a", attempt("one"), one, kStart + kLease));
  EXPECT_EQ(board_.deadline(), kStart + 10s + kLease);
}

TEST_F(LeaseBoardTest, ALateWordOfAFormerHolderDoesNotCount) {
  const Fence former = lease("one", "a");
  board_.take_lost(kStart + kLease);
  const Fence present = lease("one", "b");
  EXPECT_GT(present, former);
  EXPECT_FALSE(board_.renew("a", attempt("one"), former, kStart));
  EXPECT_FALSE(board_.renew("a", attempt("one"), present, kStart)) << "it is another's";
  EXPECT_TRUE(board_.renew("b", attempt("one"), present, kStart));
}

TEST_F(LeaseBoardTest, LeasesOfAnEarlierBoardGoOn) {
  board_.adopt(attempt("one"), "c", 40, kStart);
  EXPECT_TRUE(board_.renew("c", attempt("one"), 40, kStart + 1s));
  EXPECT_EQ(lease("two", "a"), 41U);
  board_.farewell("c");
  EXPECT_EQ(board_.leases_of("c"), 1U);
  board_.end(attempt("one"), {});
  EXPECT_EQ(board_.leases_of("c"), 0U);
}

TEST_F(LeaseBoardTest, SaysWhyAnOfferWaits) {
  board_.offer(attempt("any"), {});
  board_.offer(attempt("gpu"), {.labels = {"gpu"}, .uses = {}});
  board_.offer(attempt("both"), {.labels = {"arm", "mac"}, .uses = {}});
  EXPECT_EQ(board_.reason_to_wait(attempt("any")), "waiting for an agent");
  EXPECT_EQ(board_.reason_to_wait(attempt("gpu")), "waiting for an agent with label gpu");
  EXPECT_EQ(board_.reason_to_wait(attempt("both")), "there is no agent with labels arm, mac");
  board_.set_takes("b", LeaseBoard::Takes::nothing);
  EXPECT_EQ(board_.reason_to_wait(attempt("gpu")), "every agent with label gpu is paused");
  board_.farewell("b");
  EXPECT_EQ(board_.reason_to_wait(attempt("gpu")), "there is no agent with label gpu");
}

// Any sequence of what agents, engines and time can do, against a plain account of it.
class Account {
 public:
  void step() {
    std::set<std::string> labels;
    for (const char* const label : {"x", "y"})
      if (*rc::gen::arbitrary<bool>()) labels.insert(label);
    const auto agent = std::string(1, *rc::gen::inRange('a', 'd'));
    switch (*rc::gen::inRange(0, 8)) {
      case 0:
        board_.welcome(agent, labels);
        labels_[agent] = labels;
        break;
      case 1:
        if (!labels_.contains(agent)) break;
        board_.ask(++tickets_, agent);
        waiting_[tickets_] = agent;
        break;
      case 2: {
        const AttemptKey key = attempt("j", ++attempts_);
        board_.offer(key, {.labels = labels, .uses = {}});
        offered_[key] = labels;
        break;
      }
      case 3:
        if (!offered_.empty()) {
          const auto key =
              std::next(offered_.begin(), *rc::gen::inRange<long>(0, std::ssize(offered_)))->first;
          RC_ASSERT(board_.withdraw(key));
          offered_.erase(key);
        }
        break;
      case 4:
        now_ += std::chrono::seconds(*rc::gen::inRange(1, 50));
        lose();
        break;
      case 5:
        for (auto& [key, lease] : leases_) {
          RC_ASSERT(board_.renew(lease.agent, key, lease.fence, now_));
          lease.heard = now_;
        }
        break;
      case 6:
        if (!leases_.empty()) {
          const auto key = leases_.begin()->first;
          board_.end(key, {});
          over_.emplace_back(key, leases_.extract(key).mapped().fence);
        }
        break;
      default:
        if (waiting_.empty()) break;
        board_.leave(waiting_.begin()->first);
        waiting_.erase(waiting_.begin());
    }
    match();
    for (const auto& [key, fence] : over_)
      for (const auto& [name, has] : labels_) RC_ASSERT(!board_.renew(name, key, fence, now_));
  }

 private:
  struct Lease {
    AgentName agent;
    Fence fence = 0;
    base::TimePoint heard;
  };

  void match() {
    for (const auto& grant : board_.match(now_)) {
      RC_ASSERT(offered_.contains(grant.attempt));
      RC_ASSERT(waiting_.at(grant.ticket) == grant.agent);
      RC_ASSERT(std::ranges::includes(labels_.at(grant.agent), offered_.at(grant.attempt)));
      RC_ASSERT(grant.fence > fences_);
      fences_ = grant.fence;
      offered_.erase(grant.attempt);
      waiting_.erase(grant.ticket);
      RC_ASSERT(leases_.emplace(grant.attempt, Lease{grant.agent, grant.fence, now_}).second);
    }
    for (const auto& [key, need] : offered_)
      for (const auto& [ticket, agent] : waiting_)
        RC_ASSERT(!std::ranges::includes(labels_.at(agent), need));
  }

  void lose() {
    for (const auto& lost : board_.take_lost(now_)) {
      RC_ASSERT(now_ - leases_.at(lost.attempt).heard >= kLease);
      over_.emplace_back(lost.attempt, leases_.extract(lost.attempt).mapped().fence);
    }
    for (const auto& [key, lease] : leases_) RC_ASSERT(now_ - lease.heard < kLease);
  }

  LeaseBoard board_{kLease};
  base::TimePoint now_ = kStart;
  Ticket tickets_ = 0;
  std::uint32_t attempts_ = 0;
  Fence fences_ = 0;
  std::map<AgentName, std::set<std::string>> labels_;
  std::map<Ticket, AgentName> waiting_;
  std::map<AttemptKey, std::set<std::string>> offered_;
  std::map<AttemptKey, Lease> leases_;
  std::vector<std::pair<AttemptKey, Fence>> over_;
};

RC_GTEST_PROP(LeaseBoard, keeps_the_account, ()) {
  Account account;
  const int steps = *rc::gen::inRange(0, 100);
  for (int i = 0; i < steps; ++i) account.step();
}

}  // namespace
}  // namespace pipeline::link
