// libcurl, loaded when the first mail goes out: with all that it brings along, loading it with the
// program would be two fifths of each start of it, and few send mail.
#pragma once

#include <curl/curl.h>

#include "pipelines/base/result.h"

namespace pipeline::notify {

// Its functions, by their names there without "curl_". Loaded once, and then for good; safe for
// concurrent calls.
struct CurlLibrary {
  // ErrorKind::unavailable, with a hint, where it is not installed.
  static base::Result<const CurlLibrary*> load();

  decltype(&::curl_global_init) global_init = nullptr;
  decltype(&::curl_easy_init) easy_init = nullptr;
  decltype(&::curl_easy_setopt) easy_setopt = nullptr;
  decltype(&::curl_easy_perform) easy_perform = nullptr;
  decltype(&::curl_easy_getinfo) easy_getinfo = nullptr;
  decltype(&::curl_easy_strerror) easy_strerror = nullptr;
  decltype(&::curl_easy_cleanup) easy_cleanup = nullptr;
  decltype(&::curl_slist_append) slist_append = nullptr;
  decltype(&::curl_slist_free_all) slist_free_all = nullptr;
};

}  // namespace pipeline::notify
