#include "stages/source/remote.h"

#include "stages/source/certificates.h"
#include "stages/source/credentials.h"
#include "stages/source/network_stream.h"

namespace pipeline::source {

namespace {

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

}  // namespace

int RemoteCalls::on_progress(const git_indexer_progress* progress, void* payload) {
  const auto& observer = static_cast<const RemoteCalls*>(payload)->observer_;
  if (observer)
    observer({progress->received_objects, progress->total_objects, progress->received_bytes});
  return 0;
}

// `url` is where libgit2 has come to: after a redirection another server, whose credentials are
// others. It asks again for as long as it is answered; who was refused once will be refused again.
int RemoteCalls::answer_credentials(git_credential** out, const char* url, const char* /*user*/,
                                    unsigned allowed, void* payload) {
  auto& calls = *static_cast<RemoteCalls*>(payload);
  const bool plain = (allowed & GIT_CREDENTIAL_USERPASS_PLAINTEXT) != 0;
  const bool again = calls.answered_;
  const auto known = plain && !again ? ask_credential_helper(url) : std::nullopt;
  calls.answered_ = known.has_value();
  if (known)
    return git_credential_userpass_plaintext_new(out, known->user.c_str(), known->password.c_str());
  git_error_set_str(GIT_ERROR_HTTP, again ? "the server refused the user name and password"
                                          : "the server asks for a user name and password");
  return GIT_EAUTH;
}

git_remote_callbacks RemoteCalls::callbacks() {
  git_remote_callbacks callbacks{};
  git_remote_init_callbacks(&callbacks, GIT_REMOTE_CALLBACKS_VERSION);
  callbacks.transfer_progress = &on_progress;
  callbacks.credentials = &answer_credentials;
  callbacks.payload = this;
  return callbacks;
}

base::Result<> prepare_connection(const RemoteLocation& location) {
  auto certificates = load_certificates();  // http:// as well: it may be redirected
  if (!certificates && location.url.starts_with("https://"))
    return base::fail(std::move(certificates).error().during("fetch " + location.key));
  static_cast<void>(take_network_failure());  // of an earlier one that succeeded all the same
  return {};
}

base::Error remote_failure(int code, const RemoteLocation& location) {
  if (code == GIT_ECERTIFICATE) return untrusted(location);
  const std::string attempt = "fetch " + location.key;
  base::Error error = git_failure(code, attempt);
  if (std::string cause = take_network_failure(); !cause.empty())
    error = base::Error(base::ErrorKind::unavailable, std::move(cause)).during(attempt);
  return explain(std::move(error), location);
}

}  // namespace pipeline::source
