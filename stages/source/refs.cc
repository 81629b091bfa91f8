#include "stages/source/refs.h"

#include "stages/source/remote.h"
#include "stages/source/user_repository.h"

namespace pipeline::source {

namespace {

using Reflog = std::unique_ptr<git_reflog, GitFree<git_reflog_free>>;

// What an annotated tag is of is told beside the tag itself.
constexpr std::string_view kPeeled = "^{}";

base::Result<Refs> refs_of(const LocalLocation& location) {
  PIPELINE_ASSIGN(const Repository repository, open_user_repository(location.path));
  int code = 0;
  const auto references =
      make<ReferenceIterator>(code, git_reference_iterator_new, repository.get());
  if (!references)
    return base::fail(git_failure(code, "list the refs of " + location.path.string()));
  Refs refs;
  // One that stands for another is passed over: the other is here as well.
  while (const auto reference = make<Reference>(code, git_reference_next, references.get()))
    if (const git_oid* const id = git_reference_target(reference.get()))
      refs[git_reference_name(reference.get())] = hex_of(*id);
  return refs;
}

base::Result<Refs> refs_of(const RemoteLocation& location) {
  ensure_git_ready();
  PIPELINE_TRY(prepare_connection(location));
  int code = 0;
  const auto remote = make<Remote>(code, git_remote_create_detached, location.url.c_str());
  if (!remote) return base::fail(git_failure(code, "read the URL " + location.key));
  const FetchObserver nobody;
  RemoteCalls calls(nobody);
  const git_remote_callbacks callbacks = calls.callbacks();
  git_proxy_options proxy{};
  git_proxy_options_init(&proxy, GIT_PROXY_OPTIONS_VERSION);
  proxy.type = GIT_PROXY_AUTO;
  code = git_remote_connect(remote.get(), GIT_DIRECTION_FETCH, &callbacks, &proxy, nullptr);
  const git_remote_head** heads = nullptr;
  std::size_t count = 0;
  if (code >= 0) code = git_remote_ls(&heads, &count, remote.get());
  if (code < 0) return base::fail(remote_failure(code, location));
  Refs refs;
  for (std::size_t i = 0; i < count; ++i) {
    const std::string_view name = heads[i]->name;
    if (name.starts_with("refs/") && !name.ends_with(kPeeled))
      refs.emplace(name, hex_of(heads[i]->oid));
  }
  return refs;
}

}  // namespace

base::Result<Refs> refs_at(const std::string& location) {
  PIPELINE_ASSIGN(const Location where, parse_location(location));
  return std::visit([](const auto& one) { return refs_of(one); }, where);
}

base::Result<std::string> moved_by(const std::string& location, const std::string& ref,
                                   const std::string& id) {
  PIPELINE_ASSIGN(const Location where, parse_location(location));
  const auto* const local = std::get_if<LocalLocation>(&where);
  if (local == nullptr) return std::string();
  PIPELINE_ASSIGN(const Repository repository, open_user_repository(local->path));
  PIPELINE_ASSIGN(const git_oid wanted, parse_id(id));
  int code = 0;
  const auto log = make<Reflog>(code, git_reflog_read, repository.get(), ref.c_str());
  if (!log) return base::fail(git_failure(code, "read the log of " + ref));
  // Newest first.
  for (std::size_t i = 0; i < git_reflog_entrycount(log.get()); ++i) {
    const git_reflog_entry* const entry = git_reflog_entry_byindex(log.get(), i);
    if (git_oid_equal(git_reflog_entry_id_new(entry), &wanted) == 0) continue;
    const git_signature* const who = git_reflog_entry_committer(entry);
    return std::string(who == nullptr ? "" : who->name);
  }
  return std::string();
}

}  // namespace pipeline::source
