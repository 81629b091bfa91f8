#include "pipelines/base/quantity.h"

#include <charconv>

namespace pipeline::base {

namespace {

constexpr std::string_view kDigits = "0123456789";
constexpr std::string_view kLetters = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ";

std::string_view take_while_in(std::string_view& text, std::string_view characters) {
  const auto end = std::min(text.find_first_not_of(characters), text.size());
  const auto taken = text.substr(0, end);
  text.remove_prefix(end);
  return taken;
}

tl::unexpected<Error> refuse(std::string message, std::string_view example) {
  return fail(Error(ErrorKind::invalid, std::move(message))
                  .hint("write it like \"" + std::string(example) + "\""));
}

}  // namespace

Result<Quantity> take_quantity(std::string_view& text, std::string_view example) {
  Quantity quantity;
  const auto digits = take_while_in(text, kDigits);
  if (digits.empty()) return refuse("a whole number is missing", example);
  const auto parsed =
      std::from_chars(digits.data(), digits.data() + digits.size(), quantity.number);
  if (parsed.ec != std::errc()) return refuse("the number is too large", example);
  quantity.unit = take_while_in(text, kLetters);
  if (quantity.unit.empty()) {
    const bool bare = text.empty();
    return refuse(bare ? "a number needs a unit" : "only whole numbers with a unit are understood",
                  example);
  }
  return quantity;
}

}  // namespace pipeline::base
