// What is wrong with a pipeline file, where, and what was probably meant. Collected, never thrown:
// a file's problems are reported all at once.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "pipelines/base/source_span.h"

namespace pipeline::config {

enum class Severity { error, warning };

struct Diagnostic {
  Severity severity = Severity::error;
  base::SourceSpan span;
  std::string message;              // one sentence of cause, lowercase, no full stop
  std::optional<std::string> hint;  // `did you mean "outputs"?`
};

enum class Color { no, yes };

// A file as it was read, for showing lines of it. Views: valid as long as what they view.
struct SourceText {
  std::string_view file;  // its name as the user knows it
  std::string_view text;
};
using SourceTexts = std::vector<SourceText>;  // by SourceSpan::file

// One diagnostic as a person reads it: file:line:column, the line, a caret, the hint.
std::string render(const Diagnostic& diagnostic, std::string_view file, std::string_view text,
                   Color color);
// All of them in file order, then a line that counts them.
std::string render(const std::vector<Diagnostic>& diagnostics, const SourceTexts& sources,
                   Color color);
// For `--json`: an array of {file, line, column, length, severity, message, hint}.
std::string to_json(const std::vector<Diagnostic>& diagnostics, const SourceTexts& sources);

}  // namespace pipeline::config
