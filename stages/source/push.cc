#include "stages/source/push.h"

#include <array>

#include "stages/source/location.h"
#include "stages/source/remote.h"

namespace pipeline::source {

namespace {

using base::ErrorKind;
using base::Result;

}  // namespace

Result<> push_ref(const std::filesystem::path& repository, const std::string& from,
                  const std::string& url, const std::string& to) {
  ensure_git_ready();
  PIPELINE_ASSIGN(const Location location, parse_location(url));
  const auto* const where = std::get_if<RemoteLocation>(&location);
  if (where == nullptr) return base::fail(ErrorKind::invalid, "this is not a server's repository");
  PIPELINE_TRY(prepare_connection(*where));
  int code = 0;
  const auto here = make<Repository>(code, git_repository_open_bare, repository.c_str());
  if (!here) return base::fail(git_failure(code, "open " + repository.string()));
  const auto remote =
      make<Remote>(code, git_remote_create_anonymous, here.get(), where->url.c_str());
  if (!remote) return base::fail(git_failure(code, "read the URL " + where->key));
  const FetchObserver nobody;
  RemoteCalls calls(nobody);
  git_push_options options{};
  git_push_options_init(&options, GIT_PUSH_OPTIONS_VERSION);
  options.callbacks = calls.callbacks();
  options.proxy_opts.type = GIT_PROXY_AUTO;
  std::string spec = "+" + from + ":" + to;
  std::array<char*, 1> specs = {spec.data()};
  const git_strarray wanted{specs.data(), specs.size()};
  code = git_remote_push(remote.get(), &wanted, &options);
  if (code < 0) return base::fail(remote_failure(code, *where));
  return {};
}

}  // namespace pipeline::source
