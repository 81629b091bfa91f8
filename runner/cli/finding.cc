#include "runner/cli/finding.h"

#include <algorithm>
#include <array>
#include <boost/json/object.hpp>

#include "pipelines/base/text.h"
#include "runner/cli/render/table.h"

namespace pipeline::cli {

namespace {

namespace json = boost::json;
using base::Result;

// Of a certificate that ends: renewing one may take people a while.
constexpr auto kSoon = std::chrono::hours(24 * 14);

struct Word {
  Health health;
  const char* word;
  render::Tint tint;
};
constexpr std::array kWords = {Word{Health::good, "good", render::Tint::good},
                               Word{Health::weak, "weak", render::Tint::warn},
                               Word{Health::bad, "bad", render::Tint::bad}};

const Word& word_of(Health health) {
  return *std::ranges::find(kWords, health, &Word::health);
}

Result<std::string> text_in(const json::object& object, const char* name) {
  const json::value* const value = object.if_contains(name);
  if (value == nullptr || !value->is_string())
    return base::fail(base::ErrorKind::invalid, std::string(name) + " of a finding is no text");
  return std::string(value->get_string());
}

Result<Finding> finding_from(const json::value& value) {
  const json::object* const object = value.if_object();
  if (object == nullptr) return base::fail(base::ErrorKind::invalid, "a finding is no object");
  Finding finding;
  PIPELINE_ASSIGN(finding.subject, text_in(*object, "subject"));
  PIPELINE_ASSIGN(const std::string health, text_in(*object, "health"));
  PIPELINE_ASSIGN(finding.found, text_in(*object, "found"));
  PIPELINE_ASSIGN(finding.next, text_in(*object, "next"));
  const auto word = std::ranges::find(kWords, health, &Word::word);
  if (word == kWords.end())
    return base::fail(base::ErrorKind::invalid, "\"" + health + "\" is no health of a finding");
  finding.health = word->health;
  return finding;
}

}  // namespace

bool all_work(const std::vector<Finding>& findings) {
  return std::ranges::none_of(findings,
                              [](const Finding& finding) { return finding.health == Health::bad; });
}

Finding certificate_finding(const std::string& subject, const std::string& whose,
                            base::TimePoint until, base::TimePoint now) {
  const auto left = until - now;
  const auto days = std::chrono::duration_cast<std::chrono::hours>(left).count() / 24;
  if (left <= left.zero())
    return {subject, Health::bad, whose + ", which has ended", "renew the certificate"};
  const std::string found = whose + ", for " + std::to_string(days) + " more days";
  if (left < kSoon) return {subject, Health::weak, found, "renew the certificate"};
  return {subject, Health::good, found};
}

std::string render(const std::vector<Finding>& findings, render::Color color) {
  std::size_t columns = 0;
  for (const Finding& finding : findings)
    columns = std::max(columns, base::display_width(base::printable(finding.subject)));
  std::string text;
  for (const Finding& finding : findings) {
    const Word& word = word_of(finding.health);
    text += render::paint(render::pad(word.word, 4), word.tint, color) + "  " +
            render::pad(base::printable(finding.subject), columns) + "  " +
            base::printable(finding.found) + "\n";
    if (!finding.next.empty())
      text += std::string(8 + columns, ' ') + "next: " + base::printable(finding.next) + "\n";
  }
  return text;
}

json::array to_json(const std::vector<Finding>& findings) {
  json::array list;
  for (const Finding& finding : findings) {
    list.push_back(json::object{{"subject", finding.subject},
                                {"health", word_of(finding.health).word},
                                {"found", finding.found},
                                {"next", finding.next}});
  }
  return list;
}

Result<std::vector<Finding>> findings_from_json(const json::value& json) {
  const json::array* const list = json.if_array();
  if (list == nullptr) return base::fail(base::ErrorKind::invalid, "findings are no list");
  std::vector<Finding> findings;
  for (const json::value& value : *list) {
    PIPELINE_ASSIGN(Finding finding, finding_from(value));
    findings.push_back(std::move(finding));
  }
  return findings;
}

}  // namespace pipeline::cli
