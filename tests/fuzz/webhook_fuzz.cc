// What a forge sends: a first line with the forge and the event, then the body. What is read in it
// can be shown to a person and looked for in a repository.
#include "runner/forge/webhook.h"

#include <algorithm>

#include "pipelines/base/text.h"
#include "tests/fuzz/fuzz.h"

namespace pipeline::fuzz {

namespace {

bool is_id(const std::string& text) {
  return text.empty() || ((text.size() == 40 || text.size() == 64) &&
                          text.find_first_not_of("0123456789abcdef") == std::string::npos);
}

struct Check {
  void operator()(const forge::Ping& /*ping*/) const {}
  void operator()(const forge::PassedOver& passed) const { FUZZ_EXPECT(!passed.why.empty()); }
  void operator()(const forge::BranchPush& push) const {
    FUZZ_EXPECT(!push.branch.empty() && is_id(push.before) && is_id(push.after));
  }
  void operator()(const forge::TagPush& push) const {
    FUZZ_EXPECT(!push.tag.empty() && is_id(push.before) && is_id(push.after));
  }
  void operator()(const forge::PullRequest& request) const {
    FUZZ_EXPECT(!request.target.empty() && !request.branch.empty() && is_id(request.head));
  }
};

}  // namespace

void run(std::string_view input) {
  const auto line = std::min(input.find('\n'), input.size());
  const auto blank = std::min(input.find(' '), line);
  const forge::Forge from = forge::forge_of(input.substr(0, blank)).value_or(forge::Forge::github);
  const std::string_view event = input.substr(blank, line - blank);
  const forge::Webhook webhook{
      .field = [&](std::string_view name) -> std::optional<std::string_view> {
        if (name.ends_with("-Event")) return event.substr(std::min<std::size_t>(1, event.size()));
        return std::nullopt;
      },
      .body = input.substr(std::min(line + 1, input.size()))};
  FUZZ_EXPECT(!forge::verify(from, webhook, "secret"));
  const auto notice = forge::read_notice(from, webhook);
  if (!notice) {
    FUZZ_EXPECT(notice.error().kind() == base::ErrorKind::invalid);
    return;
  }
  std::visit(Check{}, *notice);
  const std::string shown = forge::describe(*notice);
  FUZZ_EXPECT(shown == base::printable(shown));
}

}  // namespace pipeline::fuzz
