// Which happenings a pipeline's rules want. Pure.
#pragma once

#include <optional>
#include <set>
#include <string_view>

#include "pipelines/model/notify.h"
#include "pipelines/notify/happening.h"
#include "pipelines/plan/facts.h"

namespace pipeline::notify {

// The words of `on` that it is; none: nobody asks for it by a word. `before`: how the run before
// it ended, of the same pipeline and branch; none: there was none.
std::set<model::Occasion> occasions_of(const Happening& happening,
                                       std::optional<run::RunStatus> before);

// As `on` says it.
std::string_view to_string(model::Occasion occasion);

// Whether the rule is about runs of these facts at all. Never about one that nobody has vouched
// for: who is told, and what, would be a stranger's choice.
bool is_about(const model::NotifyRule& rule, const plan::Facts& facts);

// Whether mail, slack and webhook of the rule are told.
bool wants(const model::NotifyRule& rule, const std::set<model::Occasion>& occasions);

}  // namespace pipeline::notify
