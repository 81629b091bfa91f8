// What a forge shows beside a commit: how a run of it goes. Made here as each forge's published API
// wants it; sent by runner/notify. Pure.
//
// Sources: https://docs.github.com/en/rest/commits/statuses#create-a-commit-status
//   https://docs.gitlab.com/api/commits/#set-commit-pipeline-status
//   https://docs.gitea.com/api/next/#tag/repository/operation/repoCreateStatus
//   https://codeberg.org/api/swagger#/repository/repoCreateStatus (Forgejo's, the same as Gitea's)
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "pipelines/base/result.h"
#include "runner/forge/forge.h"

namespace pipeline::forge {

enum class CommitState : std::uint8_t { pending, running, success, failure, error, cancelled };

// The word of the forge's API: not every one knows all of ours. GitHub, Gitea and Forgejo call a
// run that goes on "pending", and one that was cancelled "error".
std::string_view word_of(Forge forge, CommitState state);

struct CommitStatus {
  CommitState state = CommitState::pending;
  std::string context;  // what is said anew, and what is said beside: "pipeline/shop"
  std::string description;
  std::string link{};    // for a person; empty: there is none
  std::string branch{};  // empty: none, or a tag
};

// The body of the request, JSON. Texts are cut to what the forge takes.
std::string body_of(Forge forge, const CommitStatus& status);

// Where the forge of a repository is called, and what it calls the repository: from the
// repository's URL, http or https. `api_url` instead of what follows from it, if given.
// ErrorKind::invalid, with a hint, for a URL that nothing follows from.
struct ForgePlace {
  std::string api_url;     // without a slash at its end
  std::string repository;  // "owner/name"; at GitLab with groups: "a/b/name"
};
base::Result<ForgePlace> place_of(Forge forge, const std::string& url,
                                  const std::optional<std::string>& api_url);

// What is POSTed to.
std::string url_of(Forge forge, const ForgePlace& place, const std::string& commit);

// Fields of the request beside its type.
std::vector<std::pair<std::string, std::string>> fields_of(Forge forge, const std::string& token);

// Whether the refusal says that the commit has this status already: that of a message which came
// twice. GitLab refuses to go from a state to the same one.
bool says_known(Forge forge, unsigned status, std::string_view body);

}  // namespace pipeline::forge
