#include "stages/artifact/bundle.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include <array>

#include "stages/artifact/archive_handle.h"
#include "stages/host/file.h"
#include "tests/support/temporary_directory.h"

namespace pipeline::artifact {
namespace {

using base::ErrorKind;

class Bundle : public testing::Test {
 protected:
  std::filesystem::path file() const { return directory_.path() / "bundle"; }
  host::UniqueFd to() const {
    return host::open_file(file(), O_WRONLY | O_CREAT | O_TRUNC, 0600).value();
  }
  host::UniqueFd from() const { return host::open_file(file(), O_RDONLY).value(); }
  // With what BundleWriter does not write.
  void forge(unsigned type, const char* hard_link) const {
    const host::UniqueFd fd = to();
    const ArchiveHandle handle(::archive_write_new());
    ::archive_write_set_format_pax_restricted(handle.get());
    ::archive_write_open_fd(handle.get(), fd.get());
    const EntryHandle entry(::archive_entry_new());
    ::archive_entry_set_pathname(entry.get(), "runs/1");
    ::archive_entry_set_filetype(entry.get(), type);
    ::archive_entry_set_perm(entry.get(), 0644);
    ::archive_entry_set_size(entry.get(), 0);
    if (hard_link != nullptr) ::archive_entry_set_hardlink(entry.get(), hard_link);
    EXPECT_EQ(::archive_write_header(handle.get(), entry.get()), ARCHIVE_OK);
    ::archive_write_close(handle.get());
  }
  void expect_refused(const std::string& why) const {
    const host::UniqueFd fd = from();
    auto reader = BundleReader::open(fd.get()).value();
    const auto refused = reader.next();
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().kind(), ErrorKind::corrupt);
    EXPECT_NE(refused.error().to_string().find(why), std::string::npos)
        << refused.error().to_string();
  }

  support::TemporaryDirectory directory_;
};

TEST_F(Bundle, ComesBackAsItWasPacked) {
  {
    const host::UniqueFd fd = to();
    auto writer = BundleWriter::open(fd.get()).value();
    ASSERT_TRUE(writer.begin({"runs", BundleKind::directory, 0750, 4711}));
    ASSERT_TRUE(writer.begin({"runs/f\xc3\xa4", BundleKind::file, 0640, 4712, 5}));
    ASSERT_TRUE(writer.write("by"));
    ASSERT_TRUE(writer.write("tes"));
    ASSERT_TRUE(writer.begin({"runs/l", BundleKind::symlink, 0777, 0, 0, "f"}));
    ASSERT_TRUE(writer.finish());
  }
  const host::UniqueFd fd = from();
  auto reader = BundleReader::open(fd.get()).value();
  const auto directory = reader.next().value();
  EXPECT_EQ(directory->path, "runs");
  EXPECT_EQ(directory->kind, BundleKind::directory);
  EXPECT_EQ(directory->mode, 0750U);
  EXPECT_EQ(directory->owner, 4711U);
  const auto file = reader.next().value();
  EXPECT_EQ(file->path, "runs/f\xc3\xa4");
  EXPECT_EQ(file->mode, 0640U);
  EXPECT_EQ(file->size, 5U);
  std::array<char, 16> block{};
  ASSERT_EQ(reader.read(block).value(), 5U);
  EXPECT_EQ(std::string_view(block.data(), 5), "bytes");
  EXPECT_EQ(reader.read(block).value(), 0U);
  const auto symlink = reader.next().value();
  EXPECT_EQ(symlink->kind, BundleKind::symlink);
  EXPECT_EQ(symlink->target, "f");
  EXPECT_FALSE(reader.next().value());
}

TEST_F(Bundle, AFullDiskIsNoDamage) {
  const host::UniqueFd full = host::open_file("/dev/full", O_WRONLY).value();
  auto writer = BundleWriter::open(full.get()).value();
  const std::string bytes(100, 'x');
  const auto begun = writer.begin({"runs", BundleKind::file, 0644, 0, bytes.size()});
  const auto refused =
      begun ? writer.write(bytes).and_then([&] { return writer.finish(); }) : begun;
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().kind(), ErrorKind::exhausted) << refused.error().to_string();
}

TEST_F(Bundle, AHardLinkIsRefused) {
  forge(AE_IFREG, "/etc/passwd");
  expect_refused("a hard link");
}

TEST_F(Bundle, ADeviceOrFifoIsRefused) {
  for (const unsigned type : {AE_IFCHR, AE_IFBLK, AE_IFIFO}) {
    forge(type, nullptr);
    expect_refused("which is no file, directory or symlink");
  }
}

}  // namespace
}  // namespace pipeline::artifact
