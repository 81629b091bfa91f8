// A part of a log as a server sends it, or as somebody else does: refused, or read as pieces that
// follow one another.
#include "stages/log/pieces.h"

#include "tests/fuzz/fuzz.h"

void pipeline::fuzz::run(std::string_view input) {
  const auto part = log::decode_part(input);
  if (!part) return;
  std::uint64_t next = part->pieces.empty() ? 0 : part->pieces.front().offset;
  for (const log::Piece& piece : part->pieces) {
    FUZZ_EXPECT(!piece.bytes.empty());
    FUZZ_EXPECT(piece.next == piece.offset + piece.bytes.size());
    FUZZ_EXPECT(piece.offset >= next);
    next = piece.next;
  }
  const auto again = log::decode_part(log::encode(*part));
  FUZZ_EXPECT(again.has_value());
  FUZZ_EXPECT(again->end == part->end);
  FUZZ_EXPECT(again->pieces.size() == part->pieces.size());
}
