#include "pipelines/base/error.h"

#include <gtest/gtest.h>

#include <cerrno>

#include "pipelines/base/result.h"

namespace pipeline::base {
namespace {

Result<int> inner() {
  return fail(ErrorKind::exhausted, "no space");
}

Result<int> outer() {
  PIPELINE_ASSIGN(const int value, inner());
  return value;
}

Result<> only_tried() {
  PIPELINE_TRY(inner());
  return {};
}

TEST(Error, attempts_join_to_one_sentence) {
  const auto error = Error(ErrorKind::permission, "permission denied")
                         .during("open /x")
                         .during("sync shop")
                         .hint("run as the owner")
                         .hint("too late");
  EXPECT_EQ(error.to_string(), "failed to sync shop: failed to open /x: permission denied");
  EXPECT_EQ(error.message(), "permission denied");
  EXPECT_EQ(error.hint(), "run as the owner");
}

TEST(Error, errno_is_mapped_to_a_kind_once) {
  EXPECT_EQ(Error::from_errno(ENOENT, "open /x").kind(), ErrorKind::not_found);
  EXPECT_EQ(Error::from_errno(EACCES, "open /x").kind(), ErrorKind::permission);
  EXPECT_EQ(Error::from_errno(ENOSPC, "write /x").kind(), ErrorKind::exhausted);
  EXPECT_EQ(Error::from_errno(EADDRINUSE, "listen").kind(), ErrorKind::conflict);
  EXPECT_EQ(Error::from_errno(EIO, "read /x").kind(), ErrorKind::io);
  EXPECT_EQ(Error::from_errno(ENOENT, "open /x").to_string(),
            "failed to open /x: No such file or directory");
  EXPECT_TRUE(Error::from_errno(ENOSPC, "write /x").hint());
}

TEST(Error, every_kind_has_a_name_of_its_own) {
  std::vector<std::string_view> names;
  for (int kind = 0; kind <= static_cast<int>(ErrorKind::internal); ++kind) {
    names.push_back(to_string(static_cast<ErrorKind>(kind)));
  }
  std::ranges::sort(names);
  EXPECT_EQ(std::ranges::adjacent_find(names), names.end());
}

TEST(Result, macros_leave_the_function_with_the_error) {
  EXPECT_EQ(outer().error().message(), "no space");
  EXPECT_EQ(only_tried().error().kind(), ErrorKind::exhausted);
}

TEST(Result, during_keeps_kind_and_adds_the_attempt) {
  const Result<int> passed_on = during(inner(), "save the log");
  EXPECT_EQ(passed_on.error().kind(), ErrorKind::exhausted);
  EXPECT_EQ(passed_on.error().to_string(), "failed to save the log: no space");
}

}  // namespace
}  // namespace pipeline::base
