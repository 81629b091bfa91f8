#include "runner/serve/certificates.h"

#include <sys/stat.h>

namespace pipeline::serve {

using base::Result;

std::string Certificates::stamp() const {
  std::string text;
  for (const auto& file : {files_.certificates, files_.key}) {
    struct stat status {};
    if (::stat(file.c_str(), &status) != 0) continue;
    for (const auto number :
         {static_cast<long long>(status.st_ino), static_cast<long long>(status.st_mtim.tv_sec),
          static_cast<long long>(status.st_mtim.tv_nsec)})
      text += std::to_string(number) + ' ';
  }
  return text;
}

// The stamp first: what is written meanwhile is seen the next time.
Result<> Certificates::load() {
  loaded_ = stamp();
  return server_.set_tls(files_);
}

void Certificates::look() {
  if (stamp() == loaded_) return;
  if (const auto loaded = load(); loaded)
    tell_("took the new certificate " + files_.certificates.string());
  else
    tell_("the new certificate is not used: " + loaded.error().to_string());
}

}  // namespace pipeline::serve
