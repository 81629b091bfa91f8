#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <optional>

#include "pipelines/base/text.h"
#include "stages/artifact/archive_handle.h"
#include "stages/artifact/packer.h"
#include "stages/host/file_owner.h"
#include "stages/host/job_user.h"

namespace pipeline::artifact {

using base::ErrorKind;
using workspace::EntryType;
using workspace::MergedView;
using workspace::ViewEntry;

namespace {

// Fast enough that packing is bound by reading; higher levels gain little on binaries.
constexpr const char* kCompressionLevel = "3";

// What libarchive's callback writes to, and the error that it could not pass on.
struct Sink {
  const WriteBytes& write;
  std::optional<base::Error> error;
};

la_ssize_t on_write(archive* /*handle*/, void* context, const void* bytes, std::size_t size) {
  Sink& sink = *static_cast<Sink*>(context);
  if (auto done = sink.write({static_cast<const char*>(bytes), size}); !done) {
    sink.error = std::move(done).error();
    return -1;
  }
  return static_cast<la_ssize_t>(size);
}

class Packer {
 public:
  Packer(const MergedView& view, const WriteBytes& write, PackObserver observer)
      : view_(view),
        observer_(std::move(observer)),
        sink_{write, {}},
        handle_(::archive_write_new()) {}

  base::Result<> pack(const std::vector<ViewEntry>& entries,
                      const std::set<std::string>& whiteouts) {
    PIPELINE_TRY(open());
    auto whiteout = whiteouts.begin();
    for (const ViewEntry& entry : entries) {
      for (; whiteout != whiteouts.end() && *whiteout < entry.path; ++whiteout)
        PIPELINE_TRY(put_whiteout(*whiteout));
      PIPELINE_TRY(put(entry));
    }
    for (; whiteout != whiteouts.end(); ++whiteout) PIPELINE_TRY(put_whiteout(*whiteout));
    return check(::archive_write_close(handle_.get()), "finish the archive");
  }

 private:
  base::Result<> open() {
    archive* handle = handle_.get();
    int code = ::archive_write_set_format_pax_restricted(handle);
    // Names are bytes, whatever the locale of this process makes of them.
    if (code == ARCHIVE_OK)
      code = ::archive_write_set_format_option(handle, "pax", "hdrcharset", "BINARY");
    if (code == ARCHIVE_OK) code = ::archive_write_add_filter_zstd(handle);
    if (code == ARCHIVE_OK)
      code =
          ::archive_write_set_filter_option(handle, "zstd", "compression-level", kCompressionLevel);
    if (code == ARCHIVE_OK) code = ::archive_write_set_bytes_in_last_block(handle, 1);
    if (code == ARCHIVE_OK) code = ::archive_write_open(handle, &sink_, nullptr, on_write, nullptr);
    return check(code, "start the archive");
  }

  base::Result<> put(const ViewEntry& entry) {
    const EntryHandle header(::archive_entry_new());
    ::archive_entry_set_pathname(header.get(), entry.path.c_str());
    ::archive_entry_set_mtime(header.get(), 0, 0);
    const bool executable = (entry.mode & 0111U) != 0;
    ::archive_entry_set_perm(header.get(),
                             executable || entry.type != EntryType::regular ? 0755 : 0644);
    if (observer_.entry) observer_.entry(entry.path);
    switch (entry.type) {
      case EntryType::directory:
        ::archive_entry_set_filetype(header.get(), AE_IFDIR);
        return put_header(*header, entry);
      case EntryType::symlink:
        ::archive_entry_set_filetype(header.get(), AE_IFLNK);
        if (observer_.content) observer_.content(entry.target);
        ::archive_entry_set_symlink(header.get(), entry.target.c_str());
        return put_header(*header, entry);
      case EntryType::regular:
        ::archive_entry_set_filetype(header.get(), AE_IFREG);
        ::archive_entry_set_size(header.get(), static_cast<la_int64_t>(entry.size));
        PIPELINE_TRY(put_header(*header, entry));
        return put_content(entry);
      case EntryType::special:
        break;
    }
    return base::fail(ErrorKind::internal, "a special file was selected");
  }

  base::Result<> put_whiteout(const std::string& path) {
    const EntryHandle header(::archive_entry_new());
    ::archive_entry_set_pathname(header.get(), path.c_str());
    ::archive_entry_set_mtime(header.get(), 0, 0);
    ::archive_entry_set_filetype(header.get(), AE_IFCHR);
    ::archive_entry_set_rdev(header.get(), 0);
    return check(::archive_write_header(handle_.get(), header.get()), "pack " + path);
  }

  base::Result<> put_header(archive_entry& header, const ViewEntry& entry) {
    return check(::archive_write_header(handle_.get(), &header), "pack " + entry.path);
  }

  base::Result<> put_content(const ViewEntry& entry) {
    PIPELINE_ASSIGN(const host::UniqueFd fd, open_as_job(entry));
    std::uint64_t left = entry.size;
    while (left > 0) {
      const ssize_t n = ::read(fd.get(), block_.data(), block_.size());
      if (n < 0 && errno == EINTR) continue;
      if (n < 0) return base::fail(base::Error::from_errno(errno, "read " + entry.path));
      const auto size = static_cast<std::uint64_t>(n);
      if (n == 0 || size > left)
        return base::fail(ErrorKind::conflict, entry.path + " changes while it is packed");
      if (observer_.content) observer_.content({block_.data(), size});
      if (::archive_write_data(handle_.get(), block_.data(), size) != n)
        return check(ARCHIVE_FATAL, "pack " + entry.path);
      left -= size;
    }
    return {};
  }

  // With the job's rights: root would also read what the job was refused.
  base::Result<host::UniqueFd> open_as_job(const ViewEntry& entry) const {
    const host::ActAs as_job(host::job_user());
    return view_.open_file(entry);
  }

  base::Result<> check(int code, std::string_view what) {
    if (code == ARCHIVE_OK) return {};
    if (sink_.error) return base::fail(*std::exchange(sink_.error, std::nullopt));
    return base::fail(archive_failure(*handle_, ErrorKind::io, what));
  }

  const MergedView& view_;
  const PackObserver observer_;
  Sink sink_;
  ArchiveHandle handle_;
  std::string block_ = std::string(std::size_t{256} << 10U, '\0');
};

}  // namespace

base::Result<> pack(const MergedView& view, const std::vector<ViewEntry>& entries,
                    const WriteBytes& write, const PackObserver& observer) {
  return Packer(view, write, observer).pack(entries, {});
}

base::Result<> pack(const MergedView& layer, const std::vector<ViewEntry>& entries,
                    const std::set<std::string>& whiteouts, const WriteBytes& write) {
  return Packer(layer, write, {}).pack(entries, whiteouts);
}

}  // namespace pipeline::artifact
