#include "stages/report/xml_text.h"

#include <algorithm>
#include <charconv>
#include <optional>

#include "pipelines/base/utf8.h"

namespace pipeline::report {

namespace {

constexpr std::string_view kReplacement = "\xEF\xBF\xBD";
constexpr char32_t kEscape = 0x1B;
constexpr std::size_t kLongestReference = 12;  // "&#x10FFFF;", and a leading zero or two

bool is_xml(char32_t value) {  // Char of XML 1.0
  return value == '\t' || value == '\n' || value == '\r' || (value >= 0x20 && value <= 0xD7FF) ||
         (value >= 0xE000 && value <= 0xFFFD) || (value >= 0x10000 && value <= 0x10FFFF);
}

struct Reference {
  char32_t value = 0;
  std::size_t length = 0;
};

// `&#27;` or `&#x1B;` at the start of the text.
std::optional<Reference> reference_at(std::string_view text) {
  if (!text.starts_with("&#")) return std::nullopt;
  const std::size_t end = text.substr(0, kLongestReference).find(';');
  if (end == std::string_view::npos) return std::nullopt;
  std::string_view digits = text.substr(2, end - 2);
  const bool is_hex = digits.starts_with('x');
  if (is_hex) digits.remove_prefix(1);
  std::uint32_t value = 0;
  const auto [last, error] =
      std::from_chars(digits.data(), digits.data() + digits.size(), value, is_hex ? 16 : 10);
  if (error != std::errc() || last != digits.data() + digits.size()) return std::nullopt;
  return Reference{value, end + 1};
}

// Length of what follows an ESC in a control sequence (ECMA-48, 5.4): "[1;31m".
std::size_t sequence_length(std::string_view text) {
  if (!text.starts_with('[')) return 0;
  const std::size_t end = text.find_first_not_of("0123456789;:?", 1);
  if (end == std::string_view::npos || text[end] < '@' || text[end] > '~') return 0;
  return end + 1;
}

class Cleaner {
 public:
  Cleaner(std::string_view bytes, bool is_utf8) : bytes_(bytes), is_utf8_(is_utf8) {}

  std::string run() {
    out_.reserve(bytes_.size());
    while (at_ < bytes_.size()) {
      const std::size_t plain = plain_run();
      out_ += bytes_.substr(at_, plain);
      at_ += plain;
      if (at_ < bytes_.size()) step();
    }
    return std::move(out_);
  }

 private:
  // How many bytes from here on need no look.
  std::size_t plain_run() const {
    const auto is_plain = [](char byte) { return byte >= ' ' && byte != '&'; };
    const auto begin = bytes_.begin() + static_cast<std::ptrdiff_t>(at_);
    return static_cast<std::size_t>(std::find_if_not(begin, bytes_.end(), is_plain) - begin);
  }

  void step() {
    const std::string_view rest = bytes_.substr(at_);
    if (const auto reference = reference_at(rest)) {
      take(reference->value, reference->length);
    } else if (const auto byte = static_cast<unsigned char>(rest.front()); byte < 0x80) {
      take(byte, 1);
    } else if (!is_utf8_) {
      take(' ', 1);
    } else if (const auto code_point = base::decode_utf8(rest)) {
      take(code_point->value, code_point->length);
    } else {
      take(0, 1);
    }
  }

  void take(char32_t value, std::size_t length) {
    const std::string_view source = bytes_.substr(at_, length);
    at_ += length;
    if (is_xml(value)) {
      out_ += source;
      return;
    }
    const std::size_t sequence = value == kEscape ? sequence_length(bytes_.substr(at_)) : 0;
    if (sequence == 0) out_ += kReplacement;
    at_ += sequence;
  }

  std::string_view bytes_;
  bool is_utf8_;
  std::size_t at_ = 0;
  std::string out_;
};

}  // namespace

std::string as_xml(std::string_view bytes) {
  if (bytes.starts_with("\xFF\xFE") || bytes.starts_with("\xFE\xFF")) return std::string(bytes);
  const std::string encoding = declared_encoding(bytes);
  // A declaration that can be read as ASCII is not in UTF-16, whatever it says of itself.
  const bool is_utf8 = encoding.empty() || encoding == "utf-8" || encoding.starts_with("utf-16");
  return Cleaner(bytes, is_utf8).run();
}

std::string declared_encoding(std::string_view bytes) {
  if (bytes.starts_with("\xEF\xBB\xBF")) bytes.remove_prefix(3);
  if (!bytes.starts_with("<?xml")) return {};
  const std::string_view declaration = bytes.substr(0, bytes.find("?>"));
  std::size_t at = declaration.find("encoding");
  if (at == std::string_view::npos) return {};
  at = declaration.find_first_of("'\"", at);
  if (at == std::string_view::npos) return {};
  const std::size_t end = declaration.find(declaration[at], at + 1);
  if (end == std::string_view::npos) return {};
  std::string name(declaration.substr(at + 1, end - at - 1));
  std::ranges::transform(name, name.begin(), [](char letter) {
    return letter >= 'A' && letter <= 'Z' ? static_cast<char>(letter - 'A' + 'a') : letter;
  });
  return name;
}

}  // namespace pipeline::report
