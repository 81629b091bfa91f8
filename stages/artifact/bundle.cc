#include "stages/artifact/bundle.h"

#include <sys/stat.h>

#include "pipelines/base/text.h"
#include "stages/artifact/archive_handle.h"
#include "stages/artifact/plain_path.h"

namespace pipeline::artifact {

using base::ErrorKind;
using base::Result;

namespace {

constexpr const char* kCompressionLevel = "3";
constexpr mode_t kPermissions = 07777;

unsigned file_type(BundleKind kind) {
  switch (kind) {
    case BundleKind::file:
      return AE_IFREG;
    case BundleKind::directory:
      return AE_IFDIR;
    case BundleKind::symlink:
      return AE_IFLNK;
  }
  return 0;
}

tl::unexpected<base::Error> corrupt(const std::string& path, std::string_view why) {
  return base::fail(ErrorKind::corrupt,
                    "the archive holds \"" + base::printable(path) + "\", " + std::string(why));
}

Result<BundleKind> kind_of(archive_entry& entry, const std::string& path) {
  if (::archive_entry_hardlink(&entry) != nullptr) return corrupt(path, "a hard link");
  switch (::archive_entry_filetype(&entry)) {
    case AE_IFREG:
      return BundleKind::file;
    case AE_IFDIR:
      return BundleKind::directory;
    case AE_IFLNK:
      return BundleKind::symlink;
    default:
      return corrupt(path, "which is no file, directory or symlink");
  }
}

}  // namespace

struct BundleWriter::Handle {
  ArchiveHandle archive{::archive_write_new()};
};

BundleWriter::BundleWriter(std::unique_ptr<Handle> handle) : handle_(std::move(handle)) {}
BundleWriter::BundleWriter(BundleWriter&&) noexcept = default;

BundleWriter::~BundleWriter() {
  // Nothing of what is still in its buffers is written any more.
  if (handle_) ::archive_write_fail(handle_->archive.get());
}

Result<BundleWriter> BundleWriter::open(int fd) {
  BundleWriter writer(std::make_unique<Handle>());
  archive* handle = writer.handle_->archive.get();
  int code = ::archive_write_set_format_pax_restricted(handle);
  // Names are bytes, whatever the locale of this process makes of them.
  if (code == ARCHIVE_OK)
    code = ::archive_write_set_format_option(handle, "pax", "hdrcharset", "BINARY");
  if (code == ARCHIVE_OK) code = ::archive_write_add_filter_zstd(handle);
  if (code == ARCHIVE_OK)
    code =
        ::archive_write_set_filter_option(handle, "zstd", "compression-level", kCompressionLevel);
  if (code == ARCHIVE_OK) code = ::archive_write_set_bytes_in_last_block(handle, 1);
  if (code == ARCHIVE_OK) code = ::archive_write_open_fd(handle, fd);
  PIPELINE_TRY(writer.check(code, "start the archive"));
  return writer;
}

Result<> BundleWriter::begin(const BundleEntry& entry) {
  const EntryHandle header(::archive_entry_new());
  ::archive_entry_set_pathname(header.get(), entry.path.c_str());
  ::archive_entry_set_filetype(header.get(), file_type(entry.kind));
  ::archive_entry_set_perm(header.get(), entry.mode & kPermissions);
  ::archive_entry_set_uid(header.get(), static_cast<la_int64_t>(entry.owner));
  ::archive_entry_set_mtime(header.get(), 0, 0);
  if (entry.kind == BundleKind::symlink)
    ::archive_entry_set_symlink(header.get(), entry.target.c_str());
  ::archive_entry_set_size(header.get(), static_cast<la_int64_t>(entry.size));
  return check(::archive_write_header(handle_->archive.get(), header.get()), "pack " + entry.path);
}

Result<> BundleWriter::write(std::string_view bytes) {
  const auto written = ::archive_write_data(handle_->archive.get(), bytes.data(), bytes.size());
  if (written == static_cast<la_ssize_t>(bytes.size())) return {};
  return check(ARCHIVE_FATAL, "write the archive");
}

Result<> BundleWriter::finish() {
  return check(::archive_write_close(handle_->archive.get()), "finish the archive");
}

// What the system refused keeps its kind: a full disk is not damage.
Result<> BundleWriter::check(int code, std::string_view what) const {
  if (code == ARCHIVE_OK) return {};
  archive& handle = *handle_->archive;
  const int number = ::archive_errno(&handle);
  if (number > 0) return base::fail(base::Error::from_errno(number, what));
  return base::fail(archive_failure(handle, ErrorKind::io, what));
}

struct BundleReader::Handle {
  ArchiveHandle archive{::archive_read_new()};
};

BundleReader::BundleReader(std::unique_ptr<Handle> handle) : handle_(std::move(handle)) {}
BundleReader::BundleReader(BundleReader&&) noexcept = default;
BundleReader::~BundleReader() = default;

Result<BundleReader> BundleReader::open(int fd) {
  BundleReader reader(std::make_unique<Handle>());
  archive* handle = reader.handle_->archive.get();
  ::archive_read_support_format_tar(handle);
  ::archive_read_support_filter_zstd(handle);
  constexpr std::size_t kBlock = std::size_t{128} << 10U;
  if (::archive_read_open_fd(handle, fd, kBlock) != ARCHIVE_OK)
    return base::fail(archive_failure(*handle, ErrorKind::corrupt, "open the archive"));
  return reader;
}

Result<std::optional<BundleEntry>> BundleReader::next() {
  archive* handle = handle_->archive.get();
  archive_entry* header = nullptr;
  const int code = ::archive_read_next_header(handle, &header);
  if (code == ARCHIVE_EOF) return std::nullopt;
  if (code != ARCHIVE_OK)
    return base::fail(archive_failure(*handle, ErrorKind::corrupt, "read the archive"));
  BundleEntry entry;
  const char* name = ::archive_entry_pathname(header);
  if (name != nullptr) entry.path = name;
  if (entry.path.ends_with('/')) entry.path.pop_back();
  if (!is_plain(entry.path)) return corrupt(entry.path, "which is not a path below it");
  PIPELINE_ASSIGN(entry.kind, kind_of(*header, entry.path));
  entry.mode = ::archive_entry_perm(header) & kPermissions;
  entry.owner = static_cast<uid_t>(::archive_entry_uid(header));
  if (entry.kind == BundleKind::file)
    entry.size = static_cast<std::uint64_t>(::archive_entry_size(header));
  if (entry.kind == BundleKind::symlink) {
    const char* target = ::archive_entry_symlink(header);
    if (target != nullptr) entry.target = target;
  }
  return entry;
}

Result<std::size_t> BundleReader::read(std::span<char> block) {
  archive* handle = handle_->archive.get();
  const la_ssize_t size = ::archive_read_data(handle, block.data(), block.size());
  if (size < 0) return base::fail(archive_failure(*handle, ErrorKind::corrupt, "read the archive"));
  return static_cast<std::size_t>(size);
}

}  // namespace pipeline::artifact
