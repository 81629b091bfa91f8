#include "runner/server/git/ref_question.h"

#include <gtest/gtest.h>

namespace pipeline::server {
namespace {

const std::string kNone(40, '0');
const std::string kOne(40, '1');
const std::string kTwo(40, '2');

TEST(RefQuestion, IsWhatTheHookWrites) {
  const RefQuestion moved{"refs/heads/main", kOne, kTwo};
  EXPECT_EQ(question_in("refs/heads/main " + kOne + " " + kTwo), moved);
  const RefQuestion made{"refs/heads/main", "", kTwo};
  EXPECT_EQ(question_in("refs/heads/main " + kNone + " " + kTwo), made);
  const RefQuestion deleted{"refs/heads/main", kOne, ""};
  EXPECT_EQ(question_in("refs/heads/main " + kOne + " " + kNone), deleted);
}

TEST(RefQuestion, AnythingElseIsNone) {
  EXPECT_EQ(question_in(""), std::nullopt);
  EXPECT_EQ(question_in("refs/heads/main"), std::nullopt);
  EXPECT_EQ(question_in("refs/heads/main " + kOne + " " + kTwo + " more"), std::nullopt);
}

TEST(RefAnswer, IsWhatTheHookReads) {
  EXPECT_EQ(text_of({}), "yes\n");
  EXPECT_EQ(text_of({.is_taken = false, .said = {"main is protected", "yes\nyes"}}),
            ": main is protected\n: yesyes\nno\n");
}

}  // namespace
}  // namespace pipeline::server
