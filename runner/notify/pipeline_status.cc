#include "runner/notify/pipeline_status.h"

#include <utility>

#include "pipelines/base/text.h"
#include "pipelines/base/timestamp.h"
#include "runner/notify/news.h"

namespace pipeline::notify {

namespace {

// CCTray's words: a run that we could not do our part of is an exception.
std::string_view cctray_word(const PipelineStatus& status) {
  if (!status.end) return "Unknown";
  if (*status.end == run::RunStatus::succeeded) return "Success";
  return *status.end == run::RunStatus::failed ? "Failure" : "Exception";
}

std::string attribute(std::string_view name, const std::string& value) {
  return " " + std::string(name) + "=\"" + escaped_xml(value) + "\"";
}

// In pixels, of the font that the badge asks for first: a good guess, which textLength makes true.
std::size_t width_of(const std::string& text) {
  constexpr std::size_t kUsual = 70;  // tenths
  constexpr std::size_t kNarrow = 36;
  constexpr std::size_t kWide = 100;
  std::size_t tenths = base::display_width(text) * kUsual;
  for (const char c : text) {
    if (std::string_view("fijlrtI.,:;'!|()[]/ -").find(c) != std::string_view::npos)
      tenths -= kUsual - kNarrow;
    if (std::string_view("mwMW@%").find(c) != std::string_view::npos) tenths += kWide - kUsual;
  }
  return (tenths + 9) / 10;
}

std::string_view colour_of(std::string_view word) {
  if (word == "passing") return "#2f7d32";
  if (word == "failing") return "#c62828";
  return word == "error" ? "#b25f00" : "#6b6b6b";
}

std::string rectangle(std::size_t from, std::size_t width, std::string_view colour) {
  return R"(<rect x=")" + std::to_string(from) + R"(" width=")" + std::to_string(width) +
         R"(" height="20" fill=")" + std::string(colour) + R"("/>)";
}

std::string text_at(std::size_t middle, std::size_t width, const std::string& text) {
  return R"(<text x=")" + std::to_string(middle) + R"(" y="14" textLength=")" +
         std::to_string(width) + "\">" + escaped_xml(text) + "</text>";
}

}  // namespace

std::string escaped_xml(std::string_view text) {
  std::string escaped;
  for (const char c : base::printable(text)) {
    switch (c) {
      case '&':
        escaped += "&amp;";
        break;
      case '<':
        escaped += "&lt;";
        break;
      case '>':
        escaped += "&gt;";
        break;
      case '"':
        escaped += "&quot;";
        break;
      case '\'':
        escaped += "&apos;";
        break;
      default:
        escaped += c;
    }
  }
  return escaped;
}

std::string cctray(const std::vector<PipelineStatus>& statuses, const std::string& server) {
  std::string text = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<Projects>\n";
  for (const PipelineStatus& status : statuses) {
    text += "  <Project";
    text +=
        attribute("name", status.repository + "/" + status.pipeline + " (" + status.branch + ")");
    text += attribute("activity", status.is_building ? "Building" : "Sleeping");
    text += attribute("lastBuildStatus", std::string(cctray_word(status)));
    if (status.end) {
      text += attribute("lastBuildLabel", std::to_string(status.run));
      text += attribute("lastBuildTime", base::format_timestamp(status.ended_at));
    }
    text += attribute("webUrl", link_to(server, status.run)) + "/>\n";
  }
  return text + "</Projects>\n";
}

std::string_view badge_word(const PipelineStatus& status) {
  if (!status.end) return "unknown";
  if (*status.end == run::RunStatus::succeeded) return "passing";
  return *status.end == run::RunStatus::failed ? "failing" : "error";
}

std::string badge(const std::string& label, const PipelineStatus& status) {
  constexpr std::size_t kMargin = 6;
  const std::string word(badge_word(status));
  const std::size_t left = width_of(label) + 2 * kMargin;
  const std::size_t right = width_of(word) + 2 * kMargin;
  const std::string whole = std::to_string(left + right);
  const std::string title = escaped_xml(label + ": " + word);
  return R"(<svg xmlns="http://www.w3.org/2000/svg" width=")" + whole +
         R"(" height="20" role="img" aria-label=")" + title + R"("><title>)" + title +
         R"(</title><clipPath id="r"><rect width=")" + whole +
         R"svg(" height="20" rx="3"/></clipPath><g clip-path="url(#r)">)svg" +
         rectangle(0, left, "#474747") + rectangle(left, right, colour_of(word)) +
         R"(</g><g fill="#fff" text-anchor="middle" )"
         R"(font-family="Verdana,Geneva,DejaVu Sans,sans-serif" font-size="11">)" +
         text_at(left / 2, left - 2 * kMargin, label) +
         text_at(left + right / 2, right - 2 * kMargin, word) + "</g></svg>\n";
}

}  // namespace pipeline::notify
