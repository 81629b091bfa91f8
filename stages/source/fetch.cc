#include "stages/source/fetch.h"

#include <array>

#include "stages/host/remove.h"
#include "stages/source/certificates.h"
#include "stages/source/credentials.h"
#include "stages/source/network_stream.h"
#include "stages/source/resolve.h"

namespace pipeline::source {

namespace {

// What libgit2 calls back with.
struct Calls {
  const FetchObserver& observer;
  bool answered = false;  // a question for credentials
};

int on_progress(const git_indexer_progress* progress, void* payload) {
  const auto& observer = static_cast<const Calls*>(payload)->observer;
  if (observer)
    observer({progress->received_objects, progress->total_objects, progress->received_bytes});
  return 0;
}

// `url` is where libgit2 has come to: after a redirection another server, whose credentials are
// others. It asks again for as long as it is answered; who was refused once will be refused again.
int answer_credentials(git_credential** out, const char* url, const char* /*user*/,
                       unsigned allowed, void* payload) {
  auto& calls = *static_cast<Calls*>(payload);
  const bool plain = (allowed & GIT_CREDENTIAL_USERPASS_PLAINTEXT) != 0;
  const bool again = calls.answered;
  const auto known = plain && !again ? ask_credential_helper(url) : std::nullopt;
  calls.answered = known.has_value();
  if (known)
    return git_credential_userpass_plaintext_new(out, known->user.c_str(), known->password.c_str());
  git_error_set_str(GIT_ERROR_HTTP, again ? "the server refused the user name and password"
                                          : "the server asks for a user name and password");
  return GIT_EAUTH;
}

git_fetch_options options_for(Calls& calls) {
  git_fetch_options options{};
  git_fetch_options_init(&options, GIT_FETCH_OPTIONS_VERSION);
  options.callbacks.transfer_progress = on_progress;
  options.callbacks.credentials = answer_credentials;
  options.callbacks.payload = &calls;
  options.update_fetchhead = 0;  // it would keep the URL, and the password in it, on disk
  options.download_tags = GIT_REMOTE_DOWNLOAD_TAGS_NONE;  // the refspec names them
  options.prune = GIT_FETCH_PRUNE;
  options.proxy_opts.type = GIT_PROXY_AUTO;
  return options;
}

// libgit2 tells the status of an answer in its message only.
bool is_not_there(const base::Error& error) {
  return error.kind() == base::ErrorKind::unavailable && error.to_string().ends_with(" 404");
}

base::Error explain(base::Error error, const RemoteLocation& location) {
  if (error.kind() == base::ErrorKind::permission)
    return std::move(error).hint(
        "git's credential helper is asked: `git config --global credential.helper store` and one "
        "`git ls-remote URL` make it know them; or clone it and give the path");
  if (is_not_there(error))
    return base::Error(base::ErrorKind::invalid, "the server has no repository " + location.key)
        .hint("check the URL; for one that is private git's credential helper is asked");
  if (error.kind() == base::ErrorKind::unavailable)
    return std::move(error).hint("check the URL and the network, then run it again");
  return error;
}

base::Error untrusted(const RemoteLocation& location) {
  return git_failure(GIT_ECERTIFICATE, "fetch " + location.key)
      .hint(
          "if it is to be trusted, name a file with its authority's certificate in SSL_CERT_FILE");
}

base::Error fetch_failure(int code, const RemoteLocation& location) {
  if (code == GIT_ECERTIFICATE) return untrusted(location);
  const std::string attempt = "fetch " + location.key;
  base::Error error = git_failure(code, attempt);
  if (std::string cause = take_network_failure(); !cause.empty())
    error = base::Error(base::ErrorKind::unavailable, std::move(cause)).during(attempt);
  return explain(std::move(error), location);
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
  auto certificates = load_certificates();  // http:// as well: it may be redirected
  if (!certificates && location.url.starts_with("https://"))
    return base::fail(std::move(certificates).error().during("fetch " + location.key));
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
  Calls calls{observer};
  const git_fetch_options options = options_for(calls);
  static_cast<void>(take_network_failure());  // of an earlier fetch that succeeded all the same
  code = git_remote_fetch(remote.get(), &wanted, &options, nullptr);
  if (code < 0) return base::fail(fetch_failure(code, location));
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
  PIPELINE_ASSIGN(const host::UniqueFd lock, mirror.lock());
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
