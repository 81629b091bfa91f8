#include "runner/store/paths.h"

#include <pwd.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <string_view>

namespace pipeline::store {

namespace fs = std::filesystem;
using base::ErrorKind;
using base::Result;

namespace {

constexpr std::string_view kHowToMove = "set PIPELINE_HOME to a directory that you can write to";

std::string environment_variable(const char* name) {
  const char* value = std::getenv(name);
  return value == nullptr ? "" : value;
}

// FNV-1a: names only have to stay apart, nobody attacks their own directory names.
std::uint32_t short_hash(std::string_view text) {
  std::uint32_t hash = 2166136261U;
  for (const char c : text) {
    hash = (hash ^ static_cast<unsigned char>(c)) * 16777619U;
  }
  return hash;
}

std::string slug(const std::string& name) {
  std::string text = name;
  for (char& c : text) {
    if (std::string_view("[]=,/").find(c) != std::string_view::npos) c = '-';
  }
  if (text == name) return text;
  std::string suffix(9, '\0');
  std::snprintf(suffix.data(), suffix.size(), "%08x", short_hash(name));
  suffix.pop_back();
  return text + "-" + suffix;
}

}  // namespace

Result<fs::path> Paths::default_root() {
  if (const std::string home = environment_variable("PIPELINE_HOME"); !home.empty()) return home;
  // The specification has relative values ignored.
  if (const std::string state = environment_variable("XDG_STATE_HOME"); state.starts_with('/')) {
    return fs::path(state) / "pipeline";
  }
  if (::geteuid() == 0) return "/var/lib/pipeline";
  if (const std::string home = environment_variable("HOME"); !home.empty()) {
    return fs::path(home) / ".local/state/pipeline";
  }
  if (const passwd* user = ::getpwuid(::geteuid()); user != nullptr && user->pw_dir != nullptr) {
    return fs::path(user->pw_dir) / ".local/state/pipeline";
  }
  return base::fail(base::Error(ErrorKind::not_found, "no home directory for the state")
                        .hint(std::string(kHowToMove)));
}

Result<Paths> Paths::open_default() {
  PIPELINE_ASSIGN(const fs::path chosen, default_root());
  return open(chosen);
}

Result<Paths> Paths::open(const fs::path& chosen) {
  std::error_code error;
  const fs::path root = fs::absolute(chosen, error);
  fs::create_directories(root.parent_path(), error);
  // Jobs of a root program run under another uid and must be able to pass.
  const mode_t mode = ::geteuid() == 0 ? 0755 : 0700;
  if (::mkdir(root.c_str(), mode) != 0 && errno != EEXIST) {
    return base::fail(base::Error::from_errno(errno, "create the state directory " + root.string())
                          .hint(std::string(kHowToMove)));
  }
  if (!fs::is_directory(root, error)) {
    return base::fail(
        base::Error(ErrorKind::io, "the state directory " + root.string() + " is not a directory")
            .hint(std::string(kHowToMove)));
  }
  if (::access(root.c_str(), W_OK | X_OK) != 0) {
    return base::fail(
        base::Error::from_errno(errno, "write to the state directory " + root.string())
            .hint(std::string(kHowToMove)));
  }
  return Paths(root);
}

fs::path Paths::job(run::RunId id, const std::string& job, std::uint32_t attempt) const {
  return run(id) / "jobs" / (slug(job) + "." + std::to_string(attempt));
}

fs::path Paths::decision(run::RunId id, const std::string& job) const {
  return run(id) / "decisions" / slug(job);
}

}  // namespace pipeline::store
