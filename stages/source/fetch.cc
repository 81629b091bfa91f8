#include "stages/source/fetch.h"

#include <array>

#include "stages/host/remove.h"
#include "stages/source/remote.h"
#include "stages/source/resolve.h"

namespace pipeline::source {

namespace {

git_fetch_options options_for(RemoteCalls& calls) {
  git_fetch_options options{};
  git_fetch_options_init(&options, GIT_FETCH_OPTIONS_VERSION);
  options.callbacks = calls.callbacks();
  options.update_fetchhead = 0;  // it would keep the URL, and the password in it, on disk
  options.download_tags = GIT_REMOTE_DOWNLOAD_TAGS_NONE;  // the refspec names them
  options.prune = GIT_FETCH_PRUNE;
  options.proxy_opts.type = GIT_PROXY_AUTO;
  return options;
}

// What the remote checks out by default becomes the mirror's HEAD.
void follow_default_branch(git_repository& repository, git_remote& remote) {
  git_buf name = GIT_BUF_INIT;
  if (git_remote_default_branch(&name, &remote) == 0) {
    int code = 0;
    make<Reference>(code, git_reference_symbolic_create, &repository, "HEAD", name.ptr, 1, nullptr);
  }
  git_buf_dispose(&name);
  git_error_clear();
}

base::Result<> fetch_refs(git_repository& repository, const RemoteLocation& location,
                          const std::string& ref, const FetchObserver& observer) {
  PIPELINE_TRY(prepare_connection(location));
  int code = 0;
  auto remote = make<Remote>(code, git_remote_create_anonymous, &repository, location.url.c_str());
  if (!remote) return base::fail(git_failure(code, "read the URL " + location.key));
  std::string branches = "+refs/heads/*:refs/heads/*";
  std::string tags = "+refs/tags/*:refs/tags/*";
  std::string other = "+" + ref + ":" + ref;
  std::array<char*, 3> specs = {branches.data(), tags.data(), other.data()};
  const bool elsewhere =
      ref.starts_with("refs/") && !ref.starts_with("refs/heads/") && !ref.starts_with("refs/tags/");
  const git_strarray wanted{specs.data(), elsewhere ? 3U : 2U};
  RemoteCalls calls(observer);
  const git_fetch_options options = options_for(calls);
  code = git_remote_fetch(remote.get(), &wanted, &options, nullptr);
  if (code < 0) return base::fail(remote_failure(code, location));
  follow_default_branch(repository, *remote);
  return {};
}

struct OpenedMirror {
  Repository repository;
  bool fresh = false;
};

base::Result<OpenedMirror> open_or_make(const Mirror& mirror) {
  int code = 0;
  auto repository = make<Repository>(code, git_repository_open_bare, mirror.directory().c_str());
  if (repository) return OpenedMirror{std::move(repository)};
  git_repository_init_options options{};
  git_repository_init_options_init(&options, GIT_REPOSITORY_INIT_OPTIONS_VERSION);
  options.flags = GIT_REPOSITORY_INIT_BARE | GIT_REPOSITORY_INIT_MKPATH;
  repository =
      make<Repository>(code, git_repository_init_ext, mirror.directory().c_str(), &options);
  if (!repository)
    return base::fail(git_failure(code, "make the mirror " + mirror.directory().string()));
  return OpenedMirror{std::move(repository), true};
}

bool has_commit(git_repository& repository, const std::string& ref) {
  git_oid id;
  if (ref.size() != GIT_OID_HEXSZ || git_oid_fromstr(&id, ref.c_str()) != 0) return false;
  int code = 0;
  return make<Commit>(code, git_commit_lookup, &repository, &id) != nullptr;
}

}  // namespace

base::Result<Revision> fetch_remote(const Mirror& mirror, const RemoteLocation& location,
                                    const std::string& ref, const FetchObserver& observer) {
  ensure_git_ready();
  PIPELINE_ASSIGN(const MirrorLock lock, mirror.lock());
  PIPELINE_ASSIGN(const OpenedMirror opened, open_or_make(mirror));
  git_repository& repository = *opened.repository;
  if (!has_commit(repository, ref)) {
    const auto fetched = fetch_refs(repository, location, ref, observer);
    // A URL that was mistyped leaves nothing behind.
    if (!fetched && opened.fresh) static_cast<void>(host::remove_all(mirror.directory()));
    PIPELINE_TRY(fetched);
  }
  Revision revision;
  revision.repository = location.key;
  PIPELINE_TRY(resolve(repository, ref, revision));
  return revision;
}

}  // namespace pipeline::source
