#include "stages/artifact/layer_archive.h"

#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include "stages/artifact/packer.h"
#include "stages/host/file.h"
#include "stages/host/job_user.h"
#include "tests/support/temporary_directory.h"

namespace pipeline::artifact {
namespace {

namespace fs = std::filesystem;
using base::ErrorKind;

class LayerArchiveTest : public testing::Test {
 protected:
  // A layer with everything that one can hold.
  base::Digest make_layer() const {
    dir_.write("lower/out/old", "1");
    dir_.write("upper/out/sub/tool", "#!");
    dir_.write("upper/out/empty", "");
    fs::create_symlink("/etc/passwd", dir_.path() / "upper/out/link");
    EXPECT_EQ(::chmod((dir_.path() / "upper/out/sub/tool").c_str(), 0755), 0);
    EXPECT_EQ(::mknod((dir_.path() / "upper/out/old").c_str(), S_IFCHR, 0), 0);
    for (const char* name : {"upper", "lower"})
      EXPECT_TRUE(host::give_tree_to_job_user(dir_.path() / name));
    return here_
        .collect({.lower = {dir_.path() / "lower"}, .upper = dir_.path() / "upper"}, {"out"},
                 std::uint64_t{1} << 20U, workspace::Take::copy)
        .value();
  }

  support::TemporaryDirectory dir_;
  workspace::LayerStore here_{dir_.path() / "here"};
  workspace::LayerStore there_{dir_.path() / "there"};
  fs::path file_ = dir_.path() / "layer.tar.zst";
};

TEST_F(LayerArchiveTest, ALayerIsTheSameElsewhere) {
  const base::Digest digest = make_layer();
  ASSERT_TRUE(pack_layer(here_, digest, file_));
  const auto taken = unpack_layer(there_, digest, file_);
  ASSERT_TRUE(taken) << taken.error().to_string();
  const fs::path root = there_.find(digest).value();
  EXPECT_EQ(host::read_file(root / "out/sub/tool"), "#!");
  EXPECT_EQ(fs::read_symlink(root / "out/link"), "/etc/passwd");
  EXPECT_TRUE(fs::is_character_file(fs::symlink_status(root / "out/old")));
  struct stat status {};
  ASSERT_EQ(::stat((root / "out/sub/tool").c_str(), &status), 0);
  EXPECT_EQ(status.st_mode & 07777U, 0755U);
  EXPECT_EQ(status.st_uid, host::job_user().uid);
  EXPECT_TRUE(unpack_layer(there_, digest, file_)) << "it is here already";
}

TEST_F(LayerArchiveTest, AnotherLayerIsRefused) {
  const base::Digest digest = make_layer();
  ASSERT_TRUE(pack_layer(here_, digest, file_));
  const base::Digest other(base::Digest::Bytes{1});
  const auto refused = unpack_layer(there_, other, file_);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().kind(), ErrorKind::corrupt);
  EXPECT_FALSE(there_.find(other));
  EXPECT_FALSE(there_.find(digest));
  EXPECT_EQ(pack_layer(here_, other, file_).error().kind(), ErrorKind::not_found);
}

TEST_F(LayerArchiveTest, WhatIsNoArchiveIsRefusedAndLeavesNothing) {
  const base::Digest digest = make_layer();
  ASSERT_TRUE(pack_layer(here_, digest, file_));
  const std::string whole = host::read_file(file_).value();
  for (const std::string& bytes :
       {std::string(), std::string("nonsense"), whole.substr(0, whole.size() / 2)}) {
    ASSERT_TRUE(host::write_file(file_, bytes));
    const auto refused = unpack_layer(there_, digest, file_);
    ASSERT_FALSE(refused) << bytes.size();
    EXPECT_EQ(refused.error().kind(), ErrorKind::corrupt);
  }
  for (const auto& entry : fs::directory_iterator(dir_.path() / "there"))
    EXPECT_TRUE(entry.path().extension() == ".seal" || entry.is_regular_file()) << entry.path();
}

TEST_F(LayerArchiveTest, AnArtifactHoldsNoWhiteout) {
  const base::Digest digest = make_layer();
  ASSERT_TRUE(pack_layer(here_, digest, file_));
  const auto archive = host::open_file(file_, O_RDONLY);
  fs::create_directory(dir_.path() / "unpacked");
  const auto target = host::open_file(dir_.path() / "unpacked", O_RDONLY | O_DIRECTORY);
  const auto refused = unpack(archive->get(), target->get());
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().kind(), ErrorKind::corrupt);
}

}  // namespace
}  // namespace pipeline::artifact
