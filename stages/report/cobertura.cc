#include "stages/report/cobertura.h"

#include <charconv>
#include <cmath>
#include <optional>
#include <string>

#include "pipelines/base/text.h"
#include "stages/report/xml_reader.h"
#include "stages/report/xml_text.h"

namespace pipeline::report {

namespace {

// A tool that gives a rate and no numbers has its rate kept to this many parts.
constexpr std::uint64_t kParts = 10'000;

template <class Number>
std::optional<Number> number_of(std::string_view text) {
  Number value{};
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return value;
}

class CoberturaVisitor final : public XmlVisitor {
 public:
  base::Result<> open(std::string_view element, const Attributes& attributes) override {
    if (root_.empty()) {
      root_ = element;
      covered_ = number_of<std::uint64_t>(attributes["lines-covered"]);
      valid_ = number_of<std::uint64_t>(attributes["lines-valid"]);
      rate_ = number_of<double>(attributes["line-rate"]);
    }
    // A class lists its lines, and its methods list theirs once more.
    if (element == "methods") ++in_methods_;
    if (element == "line" && in_methods_ == 0) {
      ++counted_.lines;
      if (number_of<std::uint64_t>(attributes["hits"]).value_or(0) > 0) ++counted_.lines_covered;
    }
    return {};
  }
  base::Result<> close(std::string_view element) override {
    if (element == "methods") --in_methods_;
    return {};
  }
  void text(std::string_view /*utf8*/) override {}

  base::Result<Coverage> coverage() const {
    if (root_ != "coverage") {
      return base::fail(base::Error(base::ErrorKind::failed,
                                    "<" + base::printable(root_) + "> is no Cobertura report")
                            .hint("its root is <coverage>"));
    }
    if (covered_ && valid_ && *valid_ > 0 && *covered_ <= *valid_) {
      return Coverage{*covered_, *valid_};
    }
    if (counted_.lines > 0) return counted_;
    if (rate_ && *rate_ >= 0 && *rate_ <= 1 && !valid_) {
      const double parts = std::floor(*rate_ * static_cast<double>(kParts) + 1e-9);
      return Coverage{static_cast<std::uint64_t>(parts), kParts};
    }
    return Coverage{};
  }

 private:
  std::string root_;
  std::optional<std::uint64_t> covered_, valid_;
  std::optional<double> rate_;
  Coverage counted_;
  std::size_t in_methods_ = 0;
};

}  // namespace

base::Result<Coverage> read_cobertura(std::string_view bytes) {
  CoberturaVisitor visitor;
  PIPELINE_TRY(read_xml(as_xml(bytes), visitor));
  return visitor.coverage();
}

}  // namespace pipeline::report
