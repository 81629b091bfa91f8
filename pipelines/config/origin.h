// Where each value of a stage or an environment was written: what `pipeline plan --explain` shows.
// Pure.
#pragma once

#include <string>
#include <vector>

#include "pipelines/base/source_span.h"
#include "pipelines/config/node.h"

namespace pipeline::config {

struct ValueOrigin {
  std::string key;          // "env.CC"
  std::string value;        // as TOML, shortened
  base::SourceSpan span;    // line 0: nobody wrote it, it is the language's own
  bool is_default = false;  // from [defaults], or the language's own
};

struct StageOrigins {
  std::string stage;
  std::vector<ValueOrigin>
      values;  // own, then of templates, then of [defaults], then the language's
};

struct EnvironmentOrigins {
  std::string environment;
  std::vector<ValueOrigin> values;  // written ones, then the language's
};

// `root` as composition.h gives it.
std::vector<StageOrigins> origins_of(const Node& root);
std::vector<EnvironmentOrigins> environment_origins_of(const Node& root);

}  // namespace pipeline::config
