#include "runner/notify/curl_library.h"

#include <dlfcn.h>

#include <string>

namespace pipeline::notify {

namespace {

using base::Error;
using base::ErrorKind;
using base::Result;

// The ABI that <curl/curl.h> is of.
constexpr const char* kFile = "libcurl.so.4";

template <class Function>
bool find(void* library, const char* name, Function& function) {
  // NOLINTNEXTLINE(cppcoreguidelines-pro-type-reinterpret-cast): as POSIX has it of dlsym().
  function = reinterpret_cast<Function>(::dlsym(library, name));
  return function != nullptr;
}

Result<CurlLibrary> load_it() {
  const auto missing = [] {
    // NOLINTNEXTLINE(concurrency-mt-unsafe): glibc keeps it per thread.
    const char* const why = ::dlerror();
    return base::fail(Error(ErrorKind::unavailable, why == nullptr ? std::string(kFile) : why)
                          .during("load what sends mail")
                          .hint("install it: apt-get install libcurl4"));
  };
  void* const library = ::dlopen(kFile, RTLD_NOW | RTLD_LOCAL);
  if (library == nullptr) return missing();
  CurlLibrary curl;
  const bool has_all = find(library, "curl_global_init", curl.global_init) &&
                       find(library, "curl_easy_init", curl.easy_init) &&
                       find(library, "curl_easy_setopt", curl.easy_setopt) &&
                       find(library, "curl_easy_perform", curl.easy_perform) &&
                       find(library, "curl_easy_getinfo", curl.easy_getinfo) &&
                       find(library, "curl_easy_strerror", curl.easy_strerror) &&
                       find(library, "curl_easy_cleanup", curl.easy_cleanup) &&
                       find(library, "curl_slist_append", curl.slist_append) &&
                       find(library, "curl_slist_free_all", curl.slist_free_all);
  if (!has_all) return missing();
  if (curl.global_init(CURL_GLOBAL_DEFAULT) != CURLE_OK)
    return base::fail(ErrorKind::exhausted, "libcurl cannot be started");
  return curl;
}

}  // namespace

Result<const CurlLibrary*> CurlLibrary::load() {
  static const Result<CurlLibrary> loaded = load_it();
  if (!loaded) return base::fail(loaded.error());
  return &*loaded;
}

}  // namespace pipeline::notify
