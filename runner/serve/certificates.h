// The certificate that a server shows, taken anew when its files change: whoever renews them has
// nothing else to do.
//
// Threads: load() from the caller of Server::run(), look() from one other.
#pragma once

#include <functional>
#include <string>

#include "pipelines/base/result.h"
#include "runner/server/http/wire/server.h"

namespace pipeline::serve {

class Certificates {
 public:
  // The server outlives it. `tell`: what an operator should know.
  Certificates(http::Server& server, http::TlsFiles files,
               std::function<void(const std::string& line)> tell)
      : server_(server), files_(std::move(files)), tell_(std::move(tell)) {}

  base::Result<> load();
  // Loads what has changed; what cannot be used is told of, and the old ones are shown on.
  void look();

 private:
  // When they were written, as text: compared only.
  std::string stamp() const;

  http::Server& server_;
  const http::TlsFiles files_;
  const std::function<void(const std::string&)> tell_;
  std::string loaded_;
};

}  // namespace pipeline::serve
