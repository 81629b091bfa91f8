// Cron::parse().
#include <algorithm>
#include <array>
#include <charconv>
#include <vector>

#include "pipelines/base/text.h"
#include "pipelines/schedule/cron.h"

namespace pipeline::schedule {

namespace {

constexpr std::size_t kLongest = 256;
constexpr std::size_t kFields = 5;

// One field's text; views point into the whole expression, which is how places are told.
struct Field {
  std::string_view name;
  unsigned first;
  unsigned last;
  std::vector<std::string_view> words;  // for first, first + 1 …
};

const std::array<Field, kFields>& fields() {
  static const std::array<Field, kFields> the_fields = {
      Field{"minute", 0, 59, {}}, Field{"hour", 0, 23, {}}, Field{"day of the month", 1, 31, {}},
      Field{"month",
            1,
            12,
            {"JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC"}},
      Field{"day of the week", 0, 7, {"SUN", "MON", "TUE", "WED", "THU", "FRI", "SAT"}}};
  return the_fields;
}

struct Macro {
  std::string_view name;
  std::string_view meaning;
};
constexpr std::array kMacros = {Macro{"@hourly", "0 * * * *"},   Macro{"@daily", "0 0 * * *"},
                                Macro{"@midnight", "0 0 * * *"}, Macro{"@weekly", "0 0 * * 0"},
                                Macro{"@monthly", "0 0 1 * *"},  Macro{"@yearly", "0 0 1 1 *"},
                                Macro{"@annually", "0 0 1 1 *"}};

bool is_space(char byte) {
  return byte == ' ' || byte == '\t';
}

std::string upper(std::string_view text) {
  std::string result(text);
  for (char& byte : result) {
    if (byte >= 'a' && byte <= 'z') byte = static_cast<char>(byte - 'a' + 'A');
  }
  return result;
}

std::vector<std::string_view> words_of(std::string_view text) {
  std::vector<std::string_view> words;
  for (std::size_t at = 0; at < text.size();) {
    if (is_space(text[at])) {
      ++at;
      continue;
    }
    const std::size_t begin = at;
    while (at < text.size() && !is_space(text[at])) ++at;
    words.push_back(text.substr(begin, at - begin));
  }
  return words;
}

// Extensions of other schedulers, told apart from a typo.
std::string extension_of(std::string_view word, std::string_view value) {
  const std::string text = upper(word);
  if (text.find('#') != std::string::npos) return "\"#\" (the n-th weekday of a month)";
  if (text.find('?') != std::string::npos) return R"("?" (no value; write "*"))";
  const std::string one = upper(value);
  const std::size_t digits = std::min(one.find_first_not_of("0123456789"), one.size());
  const std::string_view behind = std::string_view(one).substr(digits);
  if (behind == "L" || behind == "LW") return "\"L\" (the last of a month)";
  if (behind == "W") return "\"W\" (the nearest working day)";
  return "";
}

}  // namespace

class CronReader {
 public:
  using Word = std::string_view;

  explicit CronReader(std::string_view text) : text_(text) {}

  tl::expected<Cron, CronMistake> read() {
    if (text_.size() > kLongest) return wrong({}, "a cron expression is at most 256 bytes long");
    std::vector<Word> words = words_of(text_);
    if (!words.empty() && words.front().starts_with('@')) return read_macro(words);
    if (words.size() != kFields) return wrong_count(words);
    Cron cron;
    std::array<std::bitset<64>, kFields> values;
    for (std::size_t i = 0; i < kFields; ++i) {
      if (!read_field(words[i], fields().at(i), values.at(i))) return tl::unexpected(*mistake_);
    }
    fill(cron, values);
    cron.either_day_ = !words[2].starts_with('*') && !words[4].starts_with('*');
    if (!cron.next(LocalMinutes(std::chrono::minutes(0)))) {
      return wrong({}, "no year has such a day: it would never start anything");
    }
    return cron;
  }

 private:
  tl::unexpected<CronMistake> wrong(Word where, std::string what, std::string hint = {}) const {
    const std::size_t at =
        where.data() == nullptr ? 0 : static_cast<std::size_t>(where.data() - text_.data());
    return tl::unexpected(CronMistake{std::move(what), std::move(hint), at, where.size()});
  }

  bool refuse(Word where, std::string what, std::string hint = {}) {
    mistake_ = wrong(where, std::move(what), std::move(hint)).value();
    return false;
  }

  static std::string quoted(Word word) { return '"' + base::printable(word) + '"'; }

  tl::unexpected<CronMistake> wrong_count(const std::vector<Word>& words) const {
    const std::string found =
        std::to_string(words.size()) + (words.size() == 1 ? " field" : " fields");
    if (words.size() == kFields + 1) {
      return wrong({}, "a cron expression has five fields, not six: there are no seconds",
                   "minute hour day-of-month month day-of-week");
    }
    return wrong({}, "a cron expression has five fields, not " + found.substr(0, found.find(' ')),
                 "minute hour day-of-month month day-of-week, or @daily and its like");
  }

  tl::expected<Cron, CronMistake> read_macro(const std::vector<Word>& words) const {
    const auto macro = std::ranges::find(kMacros, words.front(), &Macro::name);
    if (macro != kMacros.end() && words.size() == 1) return Cron::parse(macro->meaning);
    if (macro != kMacros.end()) return wrong(words[1], quoted(words[1]) + " is too much");
    if (words.front() == "@every") {
      return wrong({}, "@every is not supported: it would depend on when it was first seen",
                   "a step says it by the clock: \"*/10 * * * *\" is every ten minutes");
    }
    std::vector<std::string> names;
    names.reserve(kMacros.size());
    for (const Macro& one : kMacros) names.emplace_back(one.name);
    const auto near = base::nearest(words.front(), names);
    return wrong(words.front(), "there is no " + base::printable(words.front()),
                 near ? "did you mean \"" + *near + "\"?" : "there are " + base::join(names, ", "));
  }

  bool read_field(Word word, const Field& field, std::bitset<64>& values) {
    for (Word rest = word;;) {
      const std::size_t comma = rest.find(',');
      if (!read_item(rest.substr(0, comma), word, field, values)) return false;
      if (comma == Word::npos) return true;
      rest.remove_prefix(comma + 1);
    }
  }

  // `*`, `5`, `1-5`, each with `/2` behind it but the number.
  bool read_item(Word item, Word whole, const Field& field, std::bitset<64>& values) {
    if (item.empty()) {
      return refuse(whole,
                    "the " + std::string(field.name) + " has a comma with nothing beside it");
    }
    const std::size_t slash = item.find('/');
    const Word range = item.substr(0, slash);
    unsigned from = field.first;
    unsigned to = field.last;
    if (range != "*" && !read_range(range, field, from, to)) return false;
    unsigned step = 1;
    if (slash != Word::npos) {
      const Word digits = item.substr(slash + 1);
      if (!number(digits, step) || step == 0) {
        return refuse(item, quoted(digits) + " is no step: expected a number above zero");
      }
      if (range != "*" && range.find('-') == Word::npos) {
        return refuse(item, "a step needs a range or \"*\" before it",
                      "write \"" + std::string(range) + "-" + std::to_string(field.last) + "/" +
                          std::string(digits) + '"');
      }
    }
    for (unsigned value = from; value <= to; value += step) {
      values.set(value);
      if (to - value < step) break;  // a step may be as large as numbers are
    }
    return true;
  }

  bool read_range(Word range, const Field& field, unsigned& from, unsigned& to) {
    const std::size_t dash = range.find('-', 1);
    if (!read_value(range.substr(0, dash), range, field, from)) return false;
    to = from;
    if (dash == Word::npos) return true;
    if (!read_value(range.substr(dash + 1), range, field, to)) return false;
    // "FRI-SUN": Sunday is at the end of a range, too.
    if (field.last == 7 && to == 0 && from > 0) to = 7;
    if (from <= to) return true;
    return refuse(range, "the range " + quoted(range) + " ends before it begins",
                  field.last == 7 ? "a week begins on Sunday, which is 0 and 7"
                                  : "write it as two, with a comma");
  }

  bool read_value(Word word, Word range, const Field& field, unsigned& value) {
    const auto named = std::ranges::find(field.words, Word(upper(word)));
    if (named != field.words.end()) {
      value = field.first + static_cast<unsigned>(named - field.words.begin());
      return true;
    }
    if (number(word, value) && value >= field.first && value <= field.last) return true;
    if (std::string extension = extension_of(range, word); !extension.empty()) {
      return refuse(range, extension +
                               " is not supported: a field has numbers, names, ranges, "
                               "lists and steps");
    }
    return refuse(word.empty() ? range : word, quoted(word) + " is no " + std::string(field.name),
                  "expected " + expected(field));
  }

  static std::string expected(const Field& field) {
    std::string text =
        "a number from " + std::to_string(field.first) + " to " + std::to_string(field.last);
    if (!field.words.empty()) {
      text += ", or a name from " + std::string(field.words.front()) + " to " +
              std::string(field.words.back());
    }
    return text;
  }

  static bool number(Word digits, unsigned& value) {
    const char* const end = digits.data() + digits.size();
    const auto [rest, error] = std::from_chars(digits.data(), end, value);
    return !digits.empty() && error == std::errc() && rest == end;
  }

  static void fill(Cron& cron, const std::array<std::bitset<64>, kFields>& values) {
    cron.minutes_ = std::bitset<60>(values[0].to_ullong());
    cron.hours_ = std::bitset<24>(values[1].to_ullong());
    cron.days_ = std::bitset<32>(values[2].to_ullong());
    cron.months_ = std::bitset<13>(values[3].to_ullong());
    cron.weekdays_ = std::bitset<8>(values[4].to_ullong());
    if (cron.weekdays_[7]) cron.weekdays_.set(0);
    cron.weekdays_.reset(7);
  }

  std::string_view text_;
  std::optional<CronMistake> mistake_;
};

tl::expected<Cron, CronMistake> Cron::parse(std::string_view text) {
  return CronReader(text).read();
}

}  // namespace pipeline::schedule
