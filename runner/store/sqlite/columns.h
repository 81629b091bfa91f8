// Our values as SQLite's columns hold them.
#pragma once

#include <SQLiteCpp/SQLiteCpp.h>

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>

#include "pipelines/base/clock.h"
#include "pipelines/base/digest.h"

namespace pipeline::store {

inline std::int64_t number(std::uint64_t value) {
  return static_cast<std::int64_t>(value);
}

inline std::int64_t micros(base::TimePoint at) {
  return at.time_since_epoch().count();
}

inline base::TimePoint time_of(std::int64_t micros) {
  return base::TimePoint(std::chrono::microseconds(micros));
}

inline void bind_blob(SQLite::Statement& statement, int index, const std::string& bytes) {
  statement.bind(index, bytes.data(), static_cast<int>(bytes.size()));
}

inline std::string bytes_of(const base::Digest& digest) {
  return {digest.bytes().begin(), digest.bytes().end()};
}

inline void bind_optional(SQLite::Statement& statement, int index,
                          const std::optional<std::string>& text) {
  if (text)
    statement.bind(index, *text);
  else
    statement.bind(index);  // NULL
}

}  // namespace pipeline::store
