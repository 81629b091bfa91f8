#include "runner/cli/push_hook.h"

#include <fcntl.h>

#include "stages/host/file.h"
#include "stages/source/hooks.h"

namespace pipeline::cli {

namespace fs = std::filesystem;

namespace {

constexpr mode_t kExecutable = 0755;

base::Result<std::string> what_is_there(const fs::path& file) {
  const auto text = host::read_file(file);
  if (!text || *text != kPushHook) {
    return base::fail(
        base::Error(base::ErrorKind::invalid, file.string() + " exists already")
            .hint("add this line to it, before its last: pipeline run < /dev/null || exit 1"));
  }
  std::error_code error;
  fs::permissions(file, fs::perms::owner_exec | fs::perms::group_exec | fs::perms::others_exec,
                  fs::perm_options::add, error);
  if (error) {
    return base::fail(
        base::Error::from_errno(error.value(), "make " + file.string() + " executable"));
  }
  return file.string() + " runs the pipeline already\n";
}

// Made, or there already: who else makes it at the same time is not overwritten either.
base::Result<bool> create(const fs::path& file) {
  auto opened = host::open_file(file, O_WRONLY | O_CREAT | O_EXCL, kExecutable);
  if (!opened && opened.error().kind() == base::ErrorKind::already_exists) return false;
  if (!opened) return base::fail(std::move(opened).error());
  PIPELINE_TRY(host::write_all(opened->get(), kPushHook));
  return true;
}

}  // namespace

base::Result<std::string> install_push_hook(const fs::path& directory) {
  PIPELINE_ASSIGN(const source::HooksFolder folder, source::hooks_folder(directory));
  std::error_code error;
  fs::create_directories(folder.path, error);
  if (error) {
    return base::fail(base::Error::from_errno(error.value(), "make " + folder.path.string()));
  }
  const fs::path file = folder.path / "pre-push";
  PIPELINE_ASSIGN(const bool is_new, create(file));
  if (!is_new) return what_is_there(file);
  std::string text = "wrote " + file.string() + "\ngit push runs the pipeline first\n";
  if (folder.is_shared) {
    text += "core.hooksPath leads there: it counts for every repository that uses it\n";
  }
  return text;
}

}  // namespace pipeline::cli
