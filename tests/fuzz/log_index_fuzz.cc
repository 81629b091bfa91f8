// A log's index after a crash, or worse: the reader says what is wrong or reads on, and always
// comes to an end. The first byte says how many of the following are the log; the rest is the
// index.
#include <filesystem>
#include <fstream>

#include "stages/log/reader.h"
#include "tests/fuzz/fuzz.h"
#include "tests/support/temporary_directory.h"

namespace {

constexpr int kMostPieces = 100'000;

void read_all(pipeline::log::LogReader& reader, std::uint64_t offset) {
  for (int pieces = 0;; ++pieces) {
    FUZZ_EXPECT(pieces < kMostPieces);
    const auto piece = reader.read(offset);
    if (!piece || piece->bytes.empty()) return;
    FUZZ_EXPECT(piece->next > offset);
    offset = piece->next;
  }
}

}  // namespace

void pipeline::fuzz::run(std::string_view input) {
  // One directory for all inputs: making one each would be most of the work.
  static const support::TemporaryDirectory directory;
  const std::size_t log_size = input.empty() ? 0 : static_cast<unsigned char>(input.front());
  const auto rest = input.substr(input.empty() ? 0 : 1);
  directory.write(log::kLogName, rest.substr(0, log_size));
  directory.write(log::kIndexName, rest.size() > log_size ? rest.substr(log_size) : "");
  auto reader = log::LogReader::open(directory.path());
  if (!reader || !reader->refresh()) return;
  read_all(*reader, 0);
  if (const auto tail = reader->tail_offset(2)) read_all(*reader, *tail);
}
