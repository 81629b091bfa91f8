#include <algorithm>

#include "pipelines/base/text.h"
#include "stages/sandbox/capabilities.h"

namespace pipeline::sandbox {

namespace {

constexpr std::size_t kWidth = 80;
constexpr std::size_t kNameWidth = 22;
constexpr std::size_t kIndent = 10;

std::string_view label(Support support) {
  switch (support) {
    case Support::full:
      return "ok";
    case Support::partial:
      return "partly";
    case Support::missing:
      return "missing";
  }
  return "missing";
}

std::string pad(std::string text, std::size_t width) {
  text.resize(std::max(text.size() + 1, width), ' ');
  return text;
}

// Words, wrapped and indented.
std::string paragraph(std::string_view text, std::string_view mark) {
  const std::string indent(kIndent, ' ');
  std::string line = indent + std::string(mark);
  std::string result;
  for (const auto& word : base::split(text, ' ')) {
    if (line.size() + 1 + word.size() > kWidth) {
      result += line + "\n";
      line = indent + std::string(mark.size(), ' ');
    }
    line += (line.size() == kIndent + mark.size() ? "" : " ") + word;
  }
  return result + line + "\n";
}

}  // namespace

bool can_isolate(const std::vector<Capability>& capabilities) {
  return std::none_of(capabilities.begin(), capabilities.end(), [](const Capability& capability) {
    return capability.support == Support::missing;
  });
}

std::string render(const std::vector<Capability>& capabilities) {
  std::string text;
  for (const Capability& capability : capabilities) {
    text += pad(std::string(label(capability.support)), kIndent) +
            pad(capability.name, kNameWidth) + capability.found + "\n";
    if (!capability.consequence.empty()) text += paragraph(capability.consequence, "");
    if (!capability.remedy.empty()) text += paragraph(capability.remedy, "-> ");
  }
  text += can_isolate(capabilities)
              ? "\nJobs run isolated on this machine.\n"
              : "\nJobs cannot be isolated on this machine; they end as errored, unless a run is\n"
                "started with --sandbox=none.\n";
  return text;
}

}  // namespace pipeline::sandbox
