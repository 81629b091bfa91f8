// One pipeline out of several files: what it includes, and what its stages extend. Pure: the caller
// brings the bytes of included files.
//
//   include = ["pipelines/shared/cpp.toml"]   takes [template.*] and [environment.*] from there
//   extends = "cpp"                           lays the stage's own keys over those of the template
//
// Tables are merged key by key, the stage's own keys win; lists and values are replaced. Templates
// may extend templates, included files may include files; circles are reported.
#pragma once

#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "pipelines/base/result.h"
#include "pipelines/config/node.h"
#include "pipelines/config/problems.h"
#include "pipelines/config/server_environment.h"

namespace pipeline::config {

// The bytes of a file of the same commit, by its path in the repository.
using ReadIncluded = std::function<base::Result<std::string>(const std::string& path)>;

// What a file is read with.
struct Beside {
  ReadIncluded included{};            // none: nothing can be included
  ServerEnvironments environments{};  // that count instead of those in the files
};

struct IncludedFile {
  std::string path;  // "server: environment NAME" for a definition of the server
  std::string text;
  bool is_servers = false;
};

// What of the repository's own files was included: path → bytes.
std::map<std::string, std::string> included_texts(const std::vector<IncludedFile>& files);

// The root table of the whole pipeline, whose stages are complete; none when the main file has a
// syntax error. Places say which file they are in: 0 is the main one, 1 the first of `included`.
std::optional<Node> compose(std::string_view text, const Beside& beside,
                            std::vector<IncludedFile>& included, Problems& problems);

}  // namespace pipeline::config
