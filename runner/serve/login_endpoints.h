// How people log in: through an identity provider, in a browser, for the command line on the same
// machine.
//
//   command line → start?redirect=http://127.0.0.1:PORT/… → the provider → callback
//     → the command line's redirect, with a code → token: the code for a session
//
// Both ways are held by PKCE and a state: ours with the provider, and the command line's with us.
// Whoever has only the code, or only saw an address, gets nothing.
// Threads: the server's; the provider is asked on those of the pool.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "agents/worker/thread_pool.h"
#include "pipelines/base/clock.h"
#include "runner/identity/provider.h"
#include "runner/serve/one_time.h"
#include "runner/server/api/endpoint.h"
#include "runner/store/group_store.h"
#include "runner/store/token_store.h"
#include "runner/store/user_store.h"

namespace pipeline::serve {

class LoginEndpoints {
 public:
  // Where the provider sends people back to, below the server's address.
  static constexpr const char* kCallback = "/api/v1/login/oidc/callback";

  // What they refer to outlives it.
  struct Parts {
    identity::Provider* provider;  // null: nobody logs in so
    store::UserStore& users;
    store::GroupStore& groups;
    store::TokenStore& tokens;
    worker::ThreadPool& pool;
    const base::Clock& clock;
    std::function<void(std::function<void()> work)> post;  // to the server's thread
    std::function<void(const api::Change& change)> note;   // to the audit log
    std::function<void(const std::string& line)> tell;
  };

  explicit LoginEndpoints(Parts parts) : parts_(std::move(parts)) {}

  std::vector<api::Endpoint> endpoints();

 private:
  // Who is on his way to the provider, and where he came from.
  struct Login {
    identity::Challenge challenge;
    std::string redirect;        // the command line's
    std::string state;           // likewise
    std::string code_challenge;  // likewise
  };
  // Who has come back, until the command line fetches his token.
  struct Admitted {
    std::string user;
    std::string code_challenge;
  };

  void show(const api::Call& call);
  void start(const api::Call& call);
  void callback(const api::Call& call);
  void give_token(const api::Call& call);

  void send_to_provider(const api::Call& call, Login login);
  void come_back(const api::Call& call, const Login& login,
                 const base::Result<identity::Verified>& verified);
  // The name of whoever that is here; somebody who is new is added.
  base::Result<std::string> admit(const identity::Verified& verified);
  base::Result<std::string> name_for(const identity::Verified& verified);
  base::Result<> expect_free(const std::string& name);
  base::Result<store::TokenEntry> make_session(const std::string& user, const std::string& token);

  const Parts parts_;
  OneTime<Login> logins_{std::chrono::minutes(10), 1000};      // by our state
  OneTime<Admitted> admitted_{std::chrono::minutes(1), 1000};  // by the code
};

}  // namespace pipeline::serve
