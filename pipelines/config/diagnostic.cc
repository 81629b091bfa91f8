#include "pipelines/config/diagnostic.h"

#include <algorithm>
#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>

#include "pipelines/base/text.h"
#include "pipelines/config/toml_document.h"

namespace pipeline::config {

namespace {

constexpr std::size_t kWidestLine = 72;  // of source shown; a longer one is cut around the caret

class Lines {
 public:
  explicit Lines(std::string_view text) : text_(without_byte_order_mark(text)) {
    for (std::size_t at = 0; at != std::string_view::npos;) {
      starts_.push_back(at);
      at = text_.find('\n', at);
      if (at != std::string_view::npos) ++at;
    }
  }

  std::string_view line(std::uint32_t number) const {
    if (number < 1 || number > starts_.size()) return {};
    const std::string_view rest = text_.substr(starts_[number - 1]);
    std::string_view line = rest.substr(0, rest.find('\n'));
    if (line.ends_with('\r')) line.remove_suffix(1);
    return line;
  }

 private:
  std::string_view text_;
  std::vector<std::size_t> starts_;
};

class Paint {
 public:
  explicit Paint(Color color) : color_(color) {}
  std::string operator()(std::string_view code, std::string_view text) const {
    if (color_ == Color::no) return std::string(text);
    return "\x1b[" + std::string(code) + "m" + std::string(text) + "\x1b[0m";
  }

 private:
  Color color_;
};

constexpr std::string_view kBold = "1";
constexpr std::string_view kRed = "1;31";
constexpr std::string_view kYellow = "1;33";
constexpr std::string_view kDim = "2";

bool continues_code_point(char byte) {
  return (static_cast<unsigned char>(byte) & 0xC0U) == 0x80U;
}

// The part of a line that is shown, and where the caret goes below it.
struct Excerpt {
  std::string source;
  std::size_t indent = 0;
  std::size_t carets = 1;
};

Excerpt excerpt(std::string_view line, const base::SourceSpan& span) {
  const std::size_t begin =
      std::min<std::size_t>(span.column > 0 ? span.column - 1 : 0, line.size());
  const std::size_t end = std::min<std::size_t>(begin + span.length, line.size());
  std::size_t from = 0;
  std::size_t to = line.size();
  if (line.size() > kWidestLine) {
    from = begin > kWidestLine / 3 ? begin - kWidestLine / 3 : 0;
    while (from > 0 && continues_code_point(line[from])) --from;
    to = std::min(line.size(), from + kWidestLine);
    while (to < line.size() && continues_code_point(line[to])) ++to;
  }
  const std::string front = from > 0 ? "…" : "";
  const std::string before = front + base::printable(line.substr(from, begin - from));
  const std::string marked = base::printable(line.substr(begin, std::min(end, to) - begin));
  const std::string after = to > end ? base::printable(line.substr(end, to - end)) : std::string();
  return {before + marked + after + (to < line.size() ? "…" : ""), base::display_width(before),
          std::max<std::size_t>(1, base::display_width(marked))};
}

std::string render_one(const Diagnostic& diagnostic, std::string_view file, const Lines& lines,
                       const Paint& paint) {
  const bool is_error = diagnostic.severity == Severity::error;
  const std::string_view color = is_error ? kRed : kYellow;
  std::string text = paint(color, is_error ? "error:" : "warning:") + " " +
                     paint(kBold, base::printable(diagnostic.message)) + "\n";
  const std::string number = std::to_string(diagnostic.span.line);
  const std::string margin(number.size(), ' ');
  text += paint(kDim, margin + "--> ") + std::string(file);
  if (diagnostic.span.line > 0) {
    const Excerpt shown = excerpt(lines.line(diagnostic.span.line), diagnostic.span);
    text += ":" + number + ":" + std::to_string(diagnostic.span.column) + "\n";
    text += paint(kDim, margin + " |") + "\n";
    text += paint(kDim, number + " |") + " " + shown.source + "\n";
    text += paint(kDim, margin + " |") + " " + std::string(shown.indent, ' ') +
            paint(color, std::string(shown.carets, '^'));
  }
  text += "\n";
  if (diagnostic.hint)
    text += paint(kDim, margin + " =") + " " + base::printable(*diagnostic.hint) + "\n";
  return text;
}

std::string count_of(std::size_t count, std::string_view noun) {
  return std::to_string(count) + " " + std::string(noun) + (count == 1 ? "" : "s");
}

}  // namespace

std::string render(const Diagnostic& diagnostic, std::string_view file, std::string_view text,
                   Color color) {
  return render_one(diagnostic, file, Lines(text), Paint(color));
}

std::string render(const std::vector<Diagnostic>& diagnostics, const SourceTexts& sources,
                   Color color) {
  if (diagnostics.empty()) return {};
  std::vector<Lines> lines;
  for (const SourceText& source : sources) lines.emplace_back(source.text);
  const Paint paint(color);
  std::string result;
  for (const Diagnostic& diagnostic : diagnostics) {
    const std::uint32_t file = diagnostic.span.file;
    result += render_one(diagnostic, sources.at(file).file, lines.at(file), paint) + "\n";
  }
  const auto errors = static_cast<std::size_t>(
      std::ranges::count(diagnostics, Severity::error, &Diagnostic::severity));
  const std::size_t warnings = diagnostics.size() - errors;
  if (errors > 0) result += count_of(errors, "error");
  if (errors > 0 && warnings > 0) result += ", ";
  if (warnings > 0) result += count_of(warnings, "warning");
  return result + " in " + std::string(sources.front().file) + "\n";
}

std::string to_json(const std::vector<Diagnostic>& diagnostics, const SourceTexts& sources) {
  boost::json::array list;
  for (const Diagnostic& diagnostic : diagnostics) {
    boost::json::object item{
        {"file", sources.at(diagnostic.span.file).file},
        {"line", diagnostic.span.line},
        {"column", diagnostic.span.column},
        {"length", diagnostic.span.length},
        {"severity", diagnostic.severity == Severity::error ? "error" : "warning"},
        {"message", diagnostic.message}};
    if (diagnostic.hint) item["hint"] = *diagnostic.hint;
    list.push_back(std::move(item));
  }
  return boost::json::serialize(list);
}

}  // namespace pipeline::config
