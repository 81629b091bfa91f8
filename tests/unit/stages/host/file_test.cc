#include "stages/host/file.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include <cstdlib>

namespace pipeline::host {
namespace {

class FileTest : public testing::Test {
 protected:
  void SetUp() override {
    std::string name = testing::TempDir() + "pipeline-file-XXXXXX";
    ASSERT_NE(::mkdtemp(name.data()), nullptr);
    directory_ = name;
  }
  void TearDown() override { std::filesystem::remove_all(directory_); }
  std::filesystem::path directory_;
};

TEST_F(FileTest, ReadsWhatWasWritten) {
  const std::string bytes("with\0nul and\nlines", 18);
  for (const auto durability : {Durability::cached, Durability::synced}) {
    ASSERT_TRUE(write_file(directory_ / "f", bytes, durability, 0600));
    EXPECT_EQ(read_file(directory_ / "f").value_or("?"), bytes);
  }
  struct stat status {};
  ASSERT_EQ(::stat((directory_ / "f").c_str(), &status), 0);
  EXPECT_EQ(status.st_mode & 07777U, 0600U);
}

TEST_F(FileTest, ReplacesInOneStepAndLeavesNothingBeside) {
  ASSERT_TRUE(write_file(directory_ / "f", "old"));
  const auto reader = open_file(directory_ / "f", O_RDONLY);
  ASSERT_TRUE(write_file(directory_ / "f", "new"));
  EXPECT_EQ(*read_all(reader->get()), "old") << "who has it open keeps the old one";
  EXPECT_EQ(*read_file(directory_ / "f"), "new");
  EXPECT_EQ(std::distance(std::filesystem::directory_iterator(directory_), {}), 1);
}

TEST_F(FileTest, AFailedWriteLeavesNothingBehind) {
  std::filesystem::create_directory(directory_ / "taken");
  EXPECT_FALSE(write_file(directory_ / "taken", "x"));
  EXPECT_EQ(std::distance(std::filesystem::directory_iterator(directory_), {}), 1);
}

TEST_F(FileTest, RefusesMoreThanTheLimit) {
  ASSERT_TRUE(write_file(directory_ / "f", std::string(1000, 'x'), Durability::cached));
  EXPECT_EQ(read_file(directory_ / "f", 1000)->size(), 1000U);
  EXPECT_EQ(read_file(directory_ / "f", 999).error().kind(), base::ErrorKind::exhausted);
}

TEST_F(FileTest, NamesWhatItCouldNotOpen) {
  const auto missing = read_file(directory_ / "absent");
  ASSERT_FALSE(missing);
  EXPECT_EQ(missing.error().kind(), base::ErrorKind::not_found);
  EXPECT_NE(missing.error().to_string().find("absent"), std::string::npos);
}

}  // namespace
}  // namespace pipeline::host
