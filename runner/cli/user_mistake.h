// What the user named is looked for where the name is read: if it is not there, the command line is
// wrong (exit code 2). The same errno from our own files means that we could not do our part.
#pragma once

#include <filesystem>

#include "pipelines/base/result.h"
#include "stages/host/file.h"

namespace pipeline::cli {

inline base::Error as_mistake(const base::Error& error) {
  base::Error mistake(base::ErrorKind::invalid, error.to_string());
  return error.hint() ? std::move(mistake).hint(*error.hint()) : mistake;
}

template <class T>
base::Result<T> of_a_name(base::Result<T> looked_up) {
  if (looked_up || looked_up.error().kind() != base::ErrorKind::not_found) return looked_up;
  return base::fail(as_mistake(looked_up.error()));
}

// A file that the user named: whatever keeps it from being read, another name is the way out.
inline base::Result<std::string> read_named_file(const std::filesystem::path& file) {
  std::error_code ignored;
  if (std::filesystem::is_directory(file, ignored)) {
    return base::fail(base::ErrorKind::invalid, file.string() + " is a directory");
  }
  auto text = host::read_file(file);
  if (text) return text;
  return base::fail(as_mistake(text.error()));
}

}  // namespace pipeline::cli
