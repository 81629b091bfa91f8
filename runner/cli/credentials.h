// Tokens of servers that the user has logged in to, kept for the commands that come after:
// $XDG_CONFIG_HOME/pipeline/credentials.json, else ~/.config/pipeline/credentials.json, for nobody
// but him (mode 600).
//
// {"http://127.0.0.1:8440": {"token": "pipeline_…"}}. Blocking; one thread. Of two programs that
// change it at once one may have to log in again.
#pragma once

#include <filesystem>
#include <map>
#include <optional>
#include <string>

#include "pipelines/base/result.h"

namespace pipeline::cli {

class Credentials {
 public:
  // Those of the user; ErrorKind::not_found when there is nowhere to keep them.
  static base::Result<Credentials> open_default();
  explicit Credentials(std::filesystem::path file) : file_(std::move(file)) {}

  const std::filesystem::path& file() const { return file_; }

  // By what ServerAddress::to_text() calls the server. ErrorKind::permission when others could have
  // read them or put theirs in, ErrorKind::corrupt when the file is not ours.
  base::Result<std::optional<std::string>> token_for(const std::string& server) const;
  base::Result<> keep(const std::string& server, const std::string& token) const;
  // False when there was none.
  base::Result<bool> forget(const std::string& server) const;

 private:
  using Tokens = std::map<std::string, std::string>;

  base::Result<Tokens> read() const;
  base::Result<> write(const Tokens& tokens) const;

  std::filesystem::path file_;
};

}  // namespace pipeline::cli
