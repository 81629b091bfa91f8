#include "runner/cli/log_printer.h"

#include "pipelines/base/text.h"
#include "pipelines/base/timestamp.h"
#include "stages/log/format.h"

namespace pipeline::cli {

base::Result<LogPrinter> LogPrinter::begin(std::unique_ptr<log::LogSource> log, LogLayout layout,
                                           std::optional<std::uint64_t> tail, Terminal& out) {
  LogPrinter printer(std::move(log), std::move(layout), out);
  if (tail && printer.filter_) {
    PIPELINE_TRY(printer.begin_with_last_matches(*tail));
  } else if (tail) {
    PIPELINE_ASSIGN(printer.offset_, printer.log_->tail_offset(*tail));
  }
  return printer;
}

LogPrinter::LogPrinter(std::unique_ptr<log::LogSource> log, LogLayout layout, Terminal& out)
    : log_(std::move(log)), layout_(std::move(layout)), out_(&out) {
  if (layout_.matcher != nullptr) filter_.emplace(*layout_.matcher, layout_.context);
}

// Reads the log twice, because holding what matched would take memory without bound.
base::Result<> LogPrinter::begin_with_last_matches(std::uint64_t wanted) {
  std::uint64_t matches = 0;
  const auto count = [&](const LogLine& line) { matches += layout_.matcher->matches(line.text); };
  LineSplitter lines;
  for (std::uint64_t offset = 0;;) {
    PIPELINE_ASSIGN(const log::Piece piece, log_->read(offset));
    if (piece.cut > 0) lines.finish(count);
    if (piece.bytes.empty()) break;
    offset = piece.next;
    lines.split(piece, count);
  }
  lines.finish(count);
  filter_->skip(matches - std::min(matches, wanted));
  return {};
}

base::Result<> LogPrinter::pump() {
  PIPELINE_TRY(log_->refresh());
  while (true) {
    PIPELINE_ASSIGN(const log::Piece piece, log_->read(offset_));
    if (piece.cut > 0) {
      finish();
      if (!filter_ || !filter_->is_skipping()) {
        out_->write(layout_.prefix + log::cut_notice(piece.cut));
      }
    }
    if (piece.bytes.empty()) return {};
    offset_ = piece.next;
    if (is_verbatim()) {
      out_->write(piece.bytes);
    } else {
      lines_.split(piece, [this](LogLine line) { take(std::move(line)); });
    }
  }
}

void LogPrinter::finish() {
  lines_.finish([this](LogLine line) { take(std::move(line)); });
}

// What goes to a file or a program is the job's output, byte by byte.
bool LogPrinter::is_verbatim() const {
  return !filter_ && layout_.prefix.empty() && !layout_.timestamps && !out_->is_terminal();
}

void LogPrinter::take(LogLine line) {
  if (!filter_) return print_line(line);
  filter_->take(
      std::move(line), [this](const LogLine& wanted) { print_line(wanted); },
      [this] { out_->write("--\n"); });
}

void LogPrinter::print_line(const LogLine& line) {
  std::string text = layout_.prefix;
  if (layout_.timestamps) text += base::format_timestamp(line.at) + " ";
  // A terminal obeys escape sequences; a job must not command it.
  text += out_->is_terminal() ? base::printable(line.text) : line.text;
  out_->write(text + "\n");
}

}  // namespace pipeline::cli
