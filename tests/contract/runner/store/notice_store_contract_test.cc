// What every NoticeStore promises.
#include "runner/store/notice_store.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "runner/store/sqlite/sqlite_notice_store.h"
#include "runner/store/sqlite/sqlite_run_store.h"
#include "tests/contract/runner/store/store_contract.h"

namespace pipeline::store {
namespace {

using std::chrono::minutes;
using testing::ElementsAre;
using testing::Field;
using testing::IsEmpty;
using testing::Pair;

class NoticeStoreContract : public Contract<NoticeStore> {
 protected:
  static Notice notice(std::uint64_t sequence, const std::string& receiver = "CI_HOOK") {
    return {.id = "msg_" + std::to_string(sequence),
            .run = 1,
            .sequence = sequence,
            .repository = "https://example.org/shop",
            .channel = Channel::webhook,
            .receiver = receiver,
            .detail = "CI_KEY",
            .summary = "shop: run 1 failed",
            .body = "{}",
            .made_at = kNoon,
            .at = kNoon};
  }
  static void add(NoticeStore& store, const std::vector<Notice>& notices) {
    ASSERT_TRUE(store.add(1, notices.back().sequence, notices));
  }
  static auto is(std::uint64_t sequence) { return Field(&Notice::sequence, sequence); }
};

TEST_P(NoticeStoreContract, KeepsWhatIsToBeTold) {
  const auto store = open();
  Notice first = notice(3);
  add(*store, {first, notice(4)});
  const auto next = open()->next(10);
  ASSERT_TRUE(next);
  first.number = 1;
  EXPECT_THAT(*next, ElementsAre(first, is(4)));
  EXPECT_THAT(*open()->next(1), ElementsAre(is(3)));
}

TEST_P(NoticeStoreContract, WhatIsThereIsNotAddedAgain) {
  const auto store = open();
  add(*store, {notice(3)});
  Notice again = notice(3);
  again.id = "msg_other";
  add(*open(), {again, notice(3, "OTHER_HOOK")});
  Notice other = notice(3);
  other.detail = "OTHER_KEY";
  add(*store, {other});
  const auto next = store->next(10);
  ASSERT_EQ(next->size(), 3U);
  EXPECT_EQ(next->front().id, "msg_3");
  EXPECT_EQ((*next)[1].receiver, "OTHER_HOOK");
}

TEST_P(NoticeStoreContract, GivesThoseFirstWhoseTurnItIs) {
  const auto store = open();
  add(*store, {notice(1), notice(2), notice(3)});
  Notice put_off = store->next(1)->front();
  put_off.tries = 1;
  put_off.at = kNoon + minutes(5);
  put_off.trouble = "nobody answers";
  ASSERT_TRUE(store->settle(put_off));
  EXPECT_THAT(*open()->next(10), ElementsAre(is(2), is(3), put_off));
}

TEST_P(NoticeStoreContract, WhatIsSettledIsNotNextAndHasNoBodyOnceSent) {
  const auto store = open();
  add(*store, {notice(1), notice(2)});
  std::vector<Notice> both = *store->next(10);
  both[0].state = NoticeState::sent;
  both[1].state = NoticeState::failed;
  for (const Notice& one : both) ASSERT_TRUE(store->settle(one));
  EXPECT_THAT(*store->next(10), IsEmpty());
  EXPECT_THAT(*open()->list({}), ElementsAre(is(2), is(1)));
  EXPECT_THAT(*store->counts(),
              ElementsAre(Pair(NoticeState::waiting, 0U), Pair(NoticeState::sent, 1U),
                          Pair(NoticeState::failed, 1U)));
  // One that has gone stays gone.
  Notice unknown = both[0];
  unknown.number = 99;
  ASSERT_TRUE(store->settle(unknown));
  EXPECT_EQ(store->list({})->size(), 2U);
}

TEST_P(NoticeStoreContract, ListsByStateAndInPages) {
  const auto store = open();
  add(*store, {notice(1), notice(2), notice(3)});
  Notice sent = store->next(1)->front();
  sent.state = NoticeState::sent;
  ASSERT_TRUE(store->settle(sent));
  EXPECT_THAT(*store->list({.state = NoticeState::waiting}), ElementsAre(is(3), is(2)));
  EXPECT_THAT(*store->list({.state = NoticeState::sent}), ElementsAre(is(1)));
  EXPECT_THAT(*store->list({.limit = 1}), ElementsAre(is(3)));
  EXPECT_THAT(*store->list({.before = 3}), ElementsAre(is(2), is(1)));
}

TEST_P(NoticeStoreContract, TheNewestOfATopicTakesThePlaceOfOneThatWaits) {
  const auto store = open();
  std::vector<Notice> statuses = {notice(1), notice(2), notice(3)};
  for (Notice& one : statuses) {
    one.channel = Channel::status;
    one.topic = "abc pipeline/shop";
  }
  statuses[1].topic = "abc pipeline/docs";
  add(*store, {statuses[0], statuses[1]});
  add(*store, {statuses[2]});
  EXPECT_THAT(*store->next(10), ElementsAre(is(2), is(3)));
  // One that was sent, or is newer, stays.
  Notice sent = store->next(10)->at(1);
  sent.state = NoticeState::sent;
  ASSERT_TRUE(store->settle(sent));
  statuses[2].sequence = 9;
  add(*store, {statuses[2]});
  add(*store, {statuses[0]});
  EXPECT_THAT(*store->list({}), ElementsAre(is(1), is(9), is(3), is(2)));
}

TEST_P(NoticeStoreContract, ForgetsWhatIsSettledAndOld) {
  const auto store = open();
  add(*store, {notice(1), notice(2), notice(3)});
  std::vector<Notice> all = *store->next(10);
  all[0].state = NoticeState::sent;
  all[1].state = NoticeState::failed;
  all[1].at = kNoon + minutes(2);
  for (const Notice& one : all) ASSERT_TRUE(store->settle(one));
  ASSERT_TRUE(store->forget_before(kNoon + minutes(1)));
  EXPECT_THAT(*open()->list({}), ElementsAre(is(3), is(2)));
}

TEST_P(NoticeStoreContract, WordsAreReadAsTheyAreWritten) {
  for (const Channel channel :
       {Channel::status, Channel::mail, Channel::slack, Channel::webhook, Channel::cdevents})
    EXPECT_EQ(channel_of(to_string(channel)), channel);
  for (const NoticeState state : {NoticeState::waiting, NoticeState::sent, NoticeState::failed})
    EXPECT_EQ(notice_state_of(to_string(state)), state);
  EXPECT_EQ(channel_of("pigeon"), std::nullopt);
}

INSTANTIATE_TEST_SUITE_P(Sqlite, NoticeStoreContract, testing::Values(&open_sqlite_notice_store));

// What is told of is a run: the two stores share their storage.
TEST(SqliteNotices, KnowHowFarRunsAreTold) {
  const support::TemporaryDirectory directory;
  const Paths paths(directory.path());
  const auto runs = *open_sqlite_run_store(paths);
  const auto notices = *open_sqlite_notice_store(paths);
  const auto run = *runs->create();
  run::RunCreated created;
  created.spec.pipeline = "shop";
  const std::vector<run::Event> events = {{.sequence = 1, .at = kNoon, .body = created},
                                          {.sequence = 2, .at = kNoon, .body = run::RunFinished{}}};
  ASSERT_TRUE(runs->append(run.id, events));
  EXPECT_THAT(*notices->untold(), ElementsAre(run.id));
  EXPECT_EQ(*notices->told(run.id), 0U);
  ASSERT_TRUE(notices->add(run.id, 1, {}));
  EXPECT_THAT(*notices->untold(), ElementsAre(run.id));
  ASSERT_TRUE(notices->add(run.id, 2, {}));
  EXPECT_EQ(*notices->told(run.id), 2U);
  EXPECT_THAT(*notices->untold(), IsEmpty());
  // Never backwards.
  ASSERT_TRUE(notices->add(run.id, 1, {}));
  EXPECT_EQ(*notices->told(run.id), 2U);
  EXPECT_EQ(*notices->told(4711), 0U);
}

}  // namespace
}  // namespace pipeline::store
