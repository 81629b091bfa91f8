// A value or an Error. Functions that can fail return it; exceptions stop where third-party code is
// called.
#pragma once

#include <tl/expected.hpp>
#include <utility>

#include "pipelines/base/error.h"

namespace pipeline::base {

template <class T = void>
using Result = tl::expected<T, Error>;

inline tl::unexpected<Error> fail(ErrorKind kind, std::string message) {
  return tl::unexpected<Error>(Error(kind, std::move(message)));
}
inline tl::unexpected<Error> fail(Error error) {
  return tl::unexpected<Error>(std::move(error));
}

// Passes a failed result on with one more attempt in front: `return during(std::move(r), "read the
// plan")`.
template <class T>
tl::unexpected<Error> during(Result<T>&& failed, std::string_view attempt) {
  return tl::unexpected<Error>(std::move(failed).error().during(attempt));
}

}  // namespace pipeline::base

#define PIPELINE_CONCAT_INNER(a, b) a##b
#define PIPELINE_CONCAT(a, b) PIPELINE_CONCAT_INNER(a, b)

// Leaves the function with the error when `expression` failed.
#define PIPELINE_TRY(expression)                                                         \
  do {                                                                                   \
    if (auto pipeline_try = (expression); !pipeline_try)                                 \
      return ::tl::unexpected<::pipeline::base::Error>(std::move(pipeline_try).error()); \
  } while (false)

// PIPELINE_ASSIGN(auto file, open(path)): declares or assigns the value, or leaves the function
// with the error.
#define PIPELINE_ASSIGN(target, expression) \
  PIPELINE_ASSIGN_IMPL(PIPELINE_CONCAT(pipeline_result_, __LINE__), target, expression)
// `result` is a name and `target` may be a declaration: neither can stand in parentheses.
// NOLINTBEGIN(bugprone-macro-parentheses)
#define PIPELINE_ASSIGN_IMPL(result, target, expression)                                    \
  auto result = (expression);                                                               \
  if (!result) return ::tl::unexpected<::pipeline::base::Error>(std::move(result).error()); \
  target = *std::move(result)
// NOLINTEND(bugprone-macro-parentheses)
