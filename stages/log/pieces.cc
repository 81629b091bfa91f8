#include "stages/log/pieces.h"

#include <charconv>

namespace pipeline::log {

namespace {

using base::Result;

// More heads than that are asked for in another part.
constexpr std::size_t kMostPieces = 4096;

// Takes text apart from its front.
class Words {
 public:
  explicit Words(std::string_view text) : rest_(text) {}

  // A number that `last` follows.
  template <class Number>
  bool number(Number& into, char last) {
    const auto [end, error] = std::from_chars(rest_.data(), rest_.data() + rest_.size(), into);
    rest_.remove_prefix(static_cast<std::size_t>(end - rest_.data()));
    return error == std::errc() && skip(std::string_view(&last, 1));
  }
  bool skip(std::string_view word) {
    if (!rest_.starts_with(word)) return false;
    rest_.remove_prefix(word.size());
    return true;
  }
  bool bytes(std::size_t size, std::string& into) {
    if (size > rest_.size()) return false;
    into = rest_.substr(0, size);
    rest_.remove_prefix(size);
    return true;
  }
  bool is_over() const { return rest_.empty(); }

 private:
  std::string_view rest_;
};

base::Error no_part() {
  return {base::ErrorKind::corrupt, "what came is no part of a log"};
}

bool read_head(Words& words, Piece& piece, std::size_t& size) {
  std::int64_t time = 0;
  const bool is_whole = words.number(piece.offset, ' ') && words.number(piece.cut, ' ') &&
                        words.number(time, ' ') && words.number(size, '\n');
  piece.at = base::TimePoint(std::chrono::microseconds(time));
  piece.next = piece.offset + size;
  return is_whole && size > 0 && piece.cut <= piece.offset && piece.next > piece.offset;
}

}  // namespace

Result<LogPart> read_part(LogSource& source, std::uint64_t offset, std::size_t most) {
  LogPart part{.end = source.end(), .pieces = {}};
  std::size_t size = 0;
  while (size < most && part.pieces.size() < kMostPieces) {
    PIPELINE_ASSIGN(Piece piece, source.read(offset, most - size));
    if (piece.bytes.empty()) break;
    offset = piece.next;
    size += piece.bytes.size();
    part.pieces.push_back(std::move(piece));
  }
  return part;
}

std::string encode(const LogPart& part) {
  std::string text =
      "log " + std::to_string(part.end) + " " + std::to_string(part.pieces.size()) + "\n";
  for (const Piece& piece : part.pieces) {
    const auto time =
        std::chrono::duration_cast<std::chrono::microseconds>(piece.at.time_since_epoch());
    text += std::to_string(piece.offset) + " " + std::to_string(piece.cut) + " " +
            std::to_string(time.count()) + " " + std::to_string(piece.bytes.size()) + "\n";
  }
  for (const Piece& piece : part.pieces) text += piece.bytes;
  return text;
}

Result<LogPart> decode_part(std::string_view text) {
  Words words(text);
  LogPart part;
  std::size_t count = 0;
  if (!words.skip("log ") || !words.number(part.end, ' ') || !words.number(count, '\n') ||
      count > kMostPieces)
    return base::fail(no_part());
  std::vector<std::size_t> sizes(count);
  part.pieces.resize(count);
  for (std::size_t i = 0; i < count; ++i) {
    const bool follows =
        read_head(words, part.pieces[i], sizes[i]) &&
        (i == 0 || part.pieces[i].offset - part.pieces[i].cut == part.pieces[i - 1].next);
    if (!follows) return base::fail(no_part());
  }
  for (std::size_t i = 0; i < count; ++i)
    if (!words.bytes(sizes[i], part.pieces[i].bytes)) return base::fail(no_part());
  if (!words.is_over()) return base::fail(no_part());
  return part;
}

}  // namespace pipeline::log
