// pipeline login and pipeline logout.
#include <fcntl.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <boost/json.hpp>
#include <cstdlib>

#include "agents/http/server_address.h"
#include "pipelines/base/text.h"
#include "runner/cli/commands.h"
#include "runner/cli/credentials.h"
#include "runner/cli/interrupts.h"
#include "runner/cli/loopback_redirect.h"
#include "runner/cli/secret_input.h"
#include "runner/cli/server_client.h"
#include "runner/cli/user_mistake.h"
#include "runner/identity/base64url.h"
#include "runner/identity/provider.h"
#include "stages/host/random.h"

namespace pipeline::cli {

namespace {

namespace json = boost::json;
using base::Error;
using base::ErrorKind;
using base::Result;
using http_client::escaped;

constexpr std::chrono::minutes kPatience{10};
constexpr std::size_t kSecretBytes = 32;

std::string secret_text() {
  return identity::to_base64url(host::random_bytes(kSecretBytes));
}

Result<std::string> text_in(const json::value& answer, const char* name) {
  const auto* const object = answer.if_object();
  const auto* const value = object == nullptr ? nullptr : object->if_contains(name);
  if (value == nullptr || !value->is_string()) return base::fail(not_a_server());
  return std::string(value->get_string());
}

// The session that somebody gets by logging in with a browser.
Result<std::string> log_in_by_browser(ServerClient& client, const std::string& server,
                                      Context& context) {
  const host::UniqueFd interrupted(::eventfd(0, EFD_CLOEXEC));
  PIPELINE_ASSIGN(const auto interrupts, Interrupts::watch([&interrupted](int /*count*/) {
                    ::eventfd_write(interrupted.get(), 1);
                  }));
  PIPELINE_ASSIGN(LoopbackRedirect redirect, LoopbackRedirect::open());
  const std::string state = secret_text();
  const std::string verifier = secret_text();
  context.console.err.write(
      "to log in, open this address in a browser on this machine:\n\n  " + server +
      "/api/v1/login/oidc/start?redirect=" + escaped(redirect.address()) + "&state=" + state +
      "&code_challenge=" + identity::pkce_challenge_of(verifier) + "\n\n");
  PIPELINE_ASSIGN(const std::string code, redirect.await_code(state, interrupted.get(), kPatience));
  PIPELINE_ASSIGN(
      const json::value answer,
      client.post("/login/oidc/token", json::object{{"code", code}, {"code_verifier", verifier}}));
  return text_in(answer, "token");
}

bool has_provider(const json::value& ways) {
  const auto* const object = ways.if_object();
  return object != nullptr && object->contains("oidc");
}

// A file, what a browser brings, or what somebody types or pipes in.
Result<std::string> token_for(const LoginOptions& options, const std::string& server,
                              Context& context) {
  if (options.server.token_file) return read_named_file(*options.server.token_file);
  PIPELINE_ASSIGN(ServerClient client, ServerClient::open_with(options.server, ""));
  PIPELINE_ASSIGN(const json::value ways, client.get("/login"));
  if (has_provider(ways) && !options.with_token) return log_in_by_browser(client, server, context);
  return read_secret(STDIN_FILENO, "token", context.console.err);
}

}  // namespace

Outcome execute(const LoginOptions& options, Context& context) {
  PIPELINE_ASSIGN(const std::string server, address_of(options.server));
  PIPELINE_ASSIGN(const Credentials credentials, Credentials::open_default());
  PIPELINE_ASSIGN(const std::string given, token_for(options, server, context));
  const std::string token(base::trim(given));
  if (token.empty()) return base::fail(ErrorKind::invalid, "no token is given");
  // Before it is kept: one that does not work would be found out about much later.
  PIPELINE_ASSIGN(ServerClient client, ServerClient::open_with(options.server, token));
  PIPELINE_ASSIGN(const json::value me, client.get("/me"));
  PIPELINE_ASSIGN(const std::string name, text_in(me, "name"));
  PIPELINE_TRY(credentials.keep(server, token));
  context.console.out.write("logged in to " + server + " as " + base::printable(name) + "\n");
  return ExitCode::success;
}

// A session ends; any other token goes on for whoever else has it.
Outcome execute(const LogoutOptions& options, Context& context) {
  PIPELINE_ASSIGN(const std::string server, address_of(options.server));
  PIPELINE_ASSIGN(const Credentials credentials, Credentials::open_default());
  PIPELINE_ASSIGN(const auto token, credentials.token_for(server));
  if (!token) return base::fail(ErrorKind::invalid, "you are not logged in to " + server);
  PIPELINE_ASSIGN(ServerClient client, ServerClient::open_with(options.server, *token));
  const auto ended = client.remove("/me/token");
  PIPELINE_ASSIGN(const bool was_kept, credentials.forget(server));
  (void)was_kept;
  context.console.out.write("logged out of " + server + "\n");
  const bool may_go_on = !ended && ended.error().kind() != ErrorKind::permission &&
                         ended.error().kind() != ErrorKind::invalid;
  if (may_go_on)
    context.console.err.write(
        "the server does not know of it: " + base::printable(ended.error().to_string()) + "\n");
  return ExitCode::success;
}

}  // namespace pipeline::cli
