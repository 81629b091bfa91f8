// What a server's state directory has to hold before it is served from.
#pragma once

#include <functional>
#include <string>

#include "pipelines/base/clock.h"
#include "pipelines/base/result.h"
#include "runner/store/paths.h"
#include "runner/store/token_store.h"

namespace pipeline::serve {

// Its directories, and the hooks that git asks us by. What an earlier server had not received to
// its end is nobody's, and goes.
base::Result<> prepare_state_directory(const store::Paths& paths);

// Of a new directory: somebody has to be able to make the other tokens. Nothing when there is one.
base::Result<> make_first_token(const store::Paths& paths, store::TokenStore& tokens,
                                base::TimePoint now,
                                const std::function<void(const std::string& line)>& tell);

}  // namespace pipeline::serve
