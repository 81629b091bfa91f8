#include "stages/source/git_handle.h"

#include <array>

#include "stages/source/location.h"
#include "stages/source/network_stream.h"

#ifdef __SANITIZE_ADDRESS__
// libgit2 before 1.6 loses PCRE's match data where a pattern does not match (its pull request
// 6382). LeakSanitizer asks for these functions by name.
// NOLINTBEGIN(bugprone-reserved-identifier,readability-identifier-naming)
extern "C" const char* __lsan_default_suppressions() {
  return "leak:libpcre2-8.so";
}
extern "C" const char* __lsan_default_options() {
  return "print_suppressions=0";
}
// NOLINTEND(bugprone-reserved-identifier,readability-identifier-naming)
#endif

namespace pipeline::source {

namespace {

base::ErrorKind kind_of(int code, int klass) {
  using enum base::ErrorKind;
  switch (code) {
    case GIT_ENOTFOUND:
      return not_found;
    case GIT_EEXISTS:
      return already_exists;
    case GIT_EOWNER:
    case GIT_EAUTH:
      return permission;
    case GIT_ELOCKED:
    case GIT_EMODIFIED:
      return conflict;
    case GIT_ECERTIFICATE:
      return unavailable;
    case GIT_EUSER:
      return cancelled;
    default:
      break;
  }
  switch (klass) {
    case GIT_ERROR_NET:
    case GIT_ERROR_SSL:
    case GIT_ERROR_HTTP:
      return unavailable;
    case GIT_ERROR_ZLIB:
    case GIT_ERROR_ODB:
    case GIT_ERROR_INDEXER:
      return corrupt;
    default:
      return io;
  }
}

}  // namespace

void ensure_git_ready() {
  static const bool ready = [] {
    git_libgit2_init();
    // Objects are read from local disks, where zlib's checksum already catches damage; hashing them
    // again costs a third of a checkout.
    git_libgit2_opts(GIT_OPT_ENABLE_STRICT_HASH_VERIFICATION, 0);
    register_network_stream();
    return true;
  }();
  static_cast<void>(ready);
}

base::Error git_failure(int code, std::string_view attempt) {
  const git_error* last = git_error_last();
  const int klass = last != nullptr ? last->klass : GIT_ERROR_NONE;
  std::string message = last != nullptr && last->message != nullptr ? last->message : "git error";
  git_error_clear();
  // Some of its complaints quote the URL.
  return base::Error(kind_of(code, klass), without_credentials(std::move(message))).during(attempt);
}

bool is_missing_object(const base::Error& error) {
  return error.message().find("object not found") != std::string::npos;
}

base::Result<git_oid> parse_id(std::string_view hex) {
  git_oid id;
  if (hex.size() != GIT_OID_HEXSZ || git_oid_fromstrn(&id, hex.data(), hex.size()) != 0)
    return base::fail(base::ErrorKind::invalid, "not a git object id: " + std::string(hex));
  return id;
}

std::string hex_of(const git_oid& id) {
  std::array<char, GIT_OID_HEXSZ + 1> text{};
  git_oid_tostr(text.data(), text.size(), &id);
  return text.data();
}

}  // namespace pipeline::source
