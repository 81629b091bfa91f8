#include "stages/secret/forms.h"

#include <array>
#include <cstdint>
#include <functional>
#include <set>

namespace pipeline::secret {
namespace {

constexpr std::string_view kStandard =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
constexpr std::string_view kUrlSafe =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

// The base64 digits of `bytes` from bit 0 on; a last incomplete digit is filled with zero bits, as
// an encoder does at the end of its input.
std::string digits(std::string_view bytes, std::string_view alphabet) {
  std::string text;
  std::uint32_t bits = 0;
  unsigned have = 0;
  for (const char c : bytes) {
    bits = (bits << 8U) | static_cast<std::uint8_t>(c);
    have += 8;
    while (have >= 6) {
      have -= 6;
      text += alphabet[(bits >> have) & 0x3fU];
    }
  }
  if (have > 0) text += alphabet[(bits << (6 - have)) & 0x3fU];
  return text;
}

using Forms = std::set<std::string>;

void add_base64(std::string_view secret, std::string_view alphabet, Forms& forms) {
  for (std::size_t before = 0; before < 3; ++before) {
    const std::string shifted = std::string(before, '\0') + std::string(secret);
    const std::string all = digits(shifted, alphabet);
    const std::size_t first = (before * 8 + 5) / 6;    // digits that hold bits of what is before
    const std::size_t whole = shifted.size() * 8 / 6;  // digits that hold only our bits
    if (whole <= first) continue;
    forms.insert(all.substr(first, whole - first));
    if (whole == all.size()) continue;
    // At the end of the encoded text the last digit is ours too, and padding may follow.
    const std::string last = all.substr(first);
    forms.insert(last);
    forms.insert(last + std::string((4 - all.size() % 4) % 4, '='));
  }
}

bool is_unreserved(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' ||
         c == '.' || c == '_' || c == '~';
}

std::string hex(std::uint8_t byte, std::string_view alphabet) {
  return {alphabet[byte >> 4U], alphabet[byte & 0xfU]};
}

std::string mapped(std::string_view secret, const std::function<std::string(char)>& map) {
  std::string text;
  for (const char c : secret) text += map(c);
  return text;
}

void add_percent(std::string_view secret, Forms& forms) {
  for (const std::string_view alphabet : {"0123456789ABCDEF", "0123456789abcdef"}) {
    const auto encode = [&](char c, std::string_view also_plain) {
      if (is_unreserved(c) || also_plain.find(c) != std::string_view::npos) {
        return std::string(1, c);
      }
      return "%" + hex(static_cast<std::uint8_t>(c), alphabet);
    };
    forms.insert(mapped(secret, [&](char c) { return encode(c, ""); }));
    forms.insert(mapped(secret, [&](char c) { return encode(c, "!*'()"); }));  // JavaScript
    forms.insert(mapped(secret, [&](char c) { return encode(c, "/"); }));      // Python's quote()
    forms.insert(mapped(secret, [&](char c) { return c == ' ' ? "+" : encode(c, ""); }));
  }
}

std::string json_escape(char c) {
  constexpr std::string_view kNamed = "\"\\\b\f\n\r\t";
  constexpr std::string_view kLetters = "\"\\bfnrt";
  if (const auto at = kNamed.find(c); at != std::string_view::npos) {
    return {'\\', kLetters[at]};
  }
  const auto byte = static_cast<std::uint8_t>(c);
  return byte < 0x20 ? "\\u00" + hex(byte, "0123456789abcdef") : std::string(1, c);
}

// Decodes one code point of valid UTF-8; bytes that are not are taken as they are.
std::uint32_t next_code_point(std::string_view text, std::size_t& at) {
  const auto lead = static_cast<std::uint8_t>(text[at++]);
  std::size_t more = 0;
  if (lead >= 0xf0) {
    more = 3;
  } else if (lead >= 0xe0) {
    more = 2;
  } else if (lead >= 0xc0) {
    more = 1;
  }
  std::uint32_t value = more == 0 ? lead : lead & (0x3fU >> more);
  for (; more > 0 && at < text.size(); --more) {
    value = (value << 6U) | (static_cast<std::uint8_t>(text[at++]) & 0x3fU);
  }
  return value;
}

std::string utf16_escape(std::uint32_t unit) {
  constexpr std::string_view kHex = "0123456789abcdef";
  return "\\u" + hex(static_cast<std::uint8_t>(unit >> 8U), kHex) +
         hex(static_cast<std::uint8_t>(unit & 0xffU), kHex);
}

// As encoders write JSON that must be ASCII.
std::string json_ascii(std::string_view secret) {
  std::string text;
  for (std::size_t at = 0; at < secret.size();) {
    if (static_cast<std::uint8_t>(secret[at]) < 0x80) {
      text += json_escape(secret[at++]);
      continue;
    }
    const std::uint32_t point = next_code_point(secret, at);
    if (point >= 0x10000) {
      text += utf16_escape(0xd800 + ((point - 0x10000) >> 10U));
      text += utf16_escape(0xdc00 + ((point - 0x10000) & 0x3ffU));
    } else {
      text += utf16_escape(point);
    }
  }
  return text;
}

void add_json(std::string_view secret, Forms& forms) {
  forms.insert(mapped(secret, json_escape));
  forms.insert(json_ascii(secret));
  forms.insert(mapped(secret, [](char c) { return c == '/' ? "\\/" : json_escape(c); }));
}

std::string c_escape(char c) {
  if (c == '\'') return "\\'";
  if (c == '"') return "\"";
  return json_escape(c);
}

void add_shell(std::string_view secret, Forms& forms) {
  const auto quoted = [&](std::string_view specials, std::string_view before) {
    return mapped(secret, [&](char c) {
      const bool special = specials.find(c) != std::string_view::npos;
      return special ? std::string(before) + c : std::string(1, c);
    });
  };
  const auto replaced = [&](std::string_view with) {
    return mapped(secret,
                  [&](char c) { return c == '\'' ? std::string(with) : std::string(1, c); });
  };
  forms.insert(replaced("'\\''"));    // bash's set -x
  forms.insert(replaced("'\"'\"'"));  // dash's set -x
  forms.insert(quoted("\"$`\\", "\\"));
  forms.insert(quoted(" \t!\"#$&'()*,;<>?[\\]^`{|}~", "\\"));  // printf %q
  forms.insert(mapped(secret, c_escape));                      // $'…'
}

// Every encoding of one text.
void add_encoded(std::string_view text, Forms& forms) {
  forms.emplace(text);
  add_base64(text, kStandard, forms);
  add_base64(text, kUrlSafe, forms);
  add_percent(text, forms);
  add_json(text, forms);
  add_shell(text, forms);
}

// A line ends with \n, \r\n or \r, whichever comes.
std::vector<std::string_view> lines_of(std::string_view text) {
  std::vector<std::string_view> lines;
  for (std::size_t at = 0; at <= text.size();) {
    const std::size_t end = std::min(text.find_first_of("\r\n", at), text.size());
    lines.push_back(text.substr(at, end - at));
    at = end + (text.substr(end).starts_with("\r\n") ? 2 : 1);
  }
  return lines;
}

// Terminals, protocols and editors change line ends, and a shell takes the last ones away.
void add_line_ends(const std::vector<std::string_view>& lines, Forms& forms) {
  std::size_t last = lines.size();
  while (last > 1 && lines[last - 1].empty()) --last;
  for (const std::string_view line_end : {"\n", "\r\n", "\r"}) {
    std::string text(lines.front());
    for (std::size_t line = 1; line < last; ++line) text.append(line_end).append(lines[line]);
    add_encoded(text, forms);
    if (last == lines.size()) continue;
    text += line_end;
    add_encoded(text, forms);
  }
}

// Indented, numbered or between the strings of a list, lines stand alone.
void add_lines(const std::vector<std::string_view>& lines, Forms& forms) {
  // Shorter lines of a key file ("-----") are everywhere.
  constexpr std::size_t kShortestLine = 8;
  for (const std::string_view line : lines) {
    if (line.size() >= kShortestLine) add_encoded(line, forms);
  }
}

}  // namespace

std::vector<std::string> forms_of(std::string_view secret) {
  if (secret.size() < kShortestForm) return {};
  Forms forms;
  add_encoded(secret, forms);
  if (const auto lines = lines_of(secret); lines.size() > 1) {
    add_line_ends(lines, forms);
    add_lines(lines, forms);
  }
  std::erase_if(forms, [](const std::string& form) { return form.size() < kShortestForm; });
  return {forms.begin(), forms.end()};
}

}  // namespace pipeline::secret
