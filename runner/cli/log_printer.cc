#include "runner/cli/log_printer.h"

#include "pipelines/base/text.h"
#include "pipelines/base/timestamp.h"

namespace pipeline::cli {

namespace {

// A line that never ends is printed in parts of this size.
constexpr std::size_t kLongestLine = std::size_t{1} << 20U;

}  // namespace

base::Result<LogPrinter> LogPrinter::open(const std::filesystem::path& directory, LogLayout layout,
                                          std::optional<std::uint64_t> tail, Terminal& out) {
  PIPELINE_ASSIGN(log::LogReader reader, log::LogReader::open(directory));
  LogPrinter printer(std::move(reader), std::move(layout), out);
  if (tail) {
    PIPELINE_ASSIGN(printer.offset_, printer.reader_.tail_offset(*tail));
  }
  return printer;
}

LogPrinter::LogPrinter(log::LogReader reader, LogLayout layout, Terminal& out)
    : reader_(std::move(reader)), layout_(std::move(layout)), out_(&out) {}

base::Result<> LogPrinter::pump() {
  PIPELINE_TRY(reader_.refresh());
  while (true) {
    PIPELINE_ASSIGN(const log::Piece piece, reader_.read(offset_));
    if (piece.cut > 0) {
      finish();
      out_->write(layout_.prefix + log::cut_notice(piece.cut));
    }
    if (piece.bytes.empty()) return {};
    offset_ = piece.next;
    if (is_verbatim()) {
      out_->write(piece.bytes);
    } else {
      print_lines(piece);
    }
  }
}

void LogPrinter::finish() {
  if (!partial_.empty()) print_line(std::exchange(partial_, {}), partial_at_);
}

// What goes to a file or a program is the job's output, byte by byte.
bool LogPrinter::is_verbatim() const {
  return layout_.prefix.empty() && !layout_.timestamps && !out_->is_terminal();
}

void LogPrinter::print_lines(const log::Piece& piece) {
  std::string_view rest = piece.bytes;
  while (!rest.empty()) {
    const auto newline = rest.find('\n');
    if (partial_.empty()) partial_at_ = piece.at;
    partial_ += rest.substr(0, newline);
    if (newline == std::string_view::npos) break;
    print_line(std::exchange(partial_, {}), partial_at_);
    rest.remove_prefix(newline + 1);
  }
  if (partial_.size() > kLongestLine) finish();
}

void LogPrinter::print_line(std::string_view line, base::TimePoint at) {
  std::string text = layout_.prefix;
  if (layout_.timestamps) text += base::format_timestamp(at) + " ";
  // A terminal obeys escape sequences; a job must not command it.
  text += out_->is_terminal() ? base::printable(line) : std::string(line);
  out_->write(text + "\n");
}

}  // namespace pipeline::cli
