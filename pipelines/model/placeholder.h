// `{branch}`, `{matrix.database}`: the only templating that the language has. Placeholders stand in
// names and keys, never in text that a shell sees. Pure.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "pipelines/base/result.h"
#include "pipelines/model/matrix.h"

namespace pipeline::model {

// The value of a placeholder's name; none: there is no such placeholder here.
using PlaceholderValue = std::function<std::optional<std::string>(std::string_view name)>;

// The text with every placeholder replaced. ErrorKind::invalid for a brace without its partner and
// for a name without a value.
base::Result<std::string> fill_placeholders(std::string_view text,
                                            const PlaceholderValue& value_of);

// Values of `{matrix.NAME}` in one cell, which must outlive the function.
PlaceholderValue values_of(const MatrixCell& cell);

// The glob of `{files:GLOB}`: stands for a digest of the files that match; none for another name.
std::optional<std::string_view> files_placeholder(std::string_view name);

}  // namespace pipeline::model
