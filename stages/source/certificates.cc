#include "stages/source/certificates.h"

#include <dlfcn.h>
#include <git2.h>

#include <atomic>
#include <cstdlib>
#include <filesystem>
#include <string>

#include "stages/source/git_handle.h"

namespace {

std::atomic<bool> wanted = false;
// What mbedTLS answers when a file cannot be read (MBEDTLS_ERR_X509_FILE_IO_ERROR).
constexpr int kCannotRead = -0x2900;

}  // namespace

// Interposed on libmbedx509's; the signature is mbedTLS 2's and 3's alike.
// NOLINTNEXTLINE(readability-identifier-naming): the library's name
extern "C" int mbedtls_x509_crt_parse_file(void* chain, const char* path) {
  using Function = int (*)(void*, const char*);
  static const auto original =
      // NOLINTNEXTLINE(cppcoreguidelines-pro-type-reinterpret-cast): what dlsym is for
      reinterpret_cast<Function>(::dlsym(RTLD_NEXT, "mbedtls_x509_crt_parse_file"));
  if (!wanted || original == nullptr) return kCannotRead;
  return original(chain, path);
}

namespace pipeline::source {

namespace {

bool use(const char* bundle) {
  return git_libgit2_opts(GIT_OPT_SET_SSL_CERT_LOCATIONS, bundle, nullptr) == 0;
}

base::Result<bool> load() {
  ensure_git_ready();
  wanted = true;
  if (const char* chosen = std::getenv("SSL_CERT_FILE"); chosen != nullptr && *chosen != '\0') {
    if (use(chosen)) return true;
    git_error_clear();
    return base::fail(base::Error(base::ErrorKind::unavailable,
                                  std::string("no certificate can be read from ") + chosen)
                          .hint("SSL_CERT_FILE names it: correct or unset it"));
  }
  for (const char* bundle : {"/etc/ssl/certs/ca-certificates.crt", "/etc/pki/tls/cert.pem"}) {
    std::error_code error;
    if (std::filesystem::exists(bundle, error)) return use(bundle);
  }
  return false;
}

}  // namespace

base::Result<bool> load_certificates() {
  static const base::Result<bool> loaded = load();
  return loaded;
}

}  // namespace pipeline::source
