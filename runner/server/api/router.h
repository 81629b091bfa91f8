// Finds the endpoint that a request is for, and lets through who may call it.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "pipelines/base/clock.h"
#include "runner/server/api/endpoint.h"
#include "runner/server/api/rate_limit.h"

namespace pipeline::api {

// The owner of a token; none when there is none. Called on the server's thread.
using Authenticate = std::function<std::optional<Caller>(std::string_view token)>;

// Called when a change has been done or refused by its handler, before the caller is answered; on
// the thread that answers.
using OnChange = std::function<void(const Change& change)>;

// What a person calls for, whose token would allow it.
struct Asked {
  const Caller& caller;
  Scope scope;
  const Endpoint& endpoint;  // about something of one repository
  const http::Request& head;
  const std::map<std::string, std::string>& path;
};
// Why his roles do not allow it. Called on the server's thread; services are not asked about.
using Authorize = std::function<base::Result<>(const Asked& asked)>;

inline constexpr Rate kCallerRate{100, 400};
inline constexpr Rate kStrangerRate{1, 30};
inline constexpr Rate kApplicationRate{5000, 20'000};

struct Rates {
  RateLimit callers{kCallerRate};            // by token
  RateLimit applications{kApplicationRate};  // by token: evaluations of flags
  // By address: without a token that is one, or proving nothing.
  RateLimit strangers{kStrangerRate};
};

class Router final : public http::Handler {
 public:
  // REQUIRES: no two endpoints of one method and path.
  Router(std::vector<Endpoint> endpoints, Authenticate authenticate, const base::Clock& clock,
         Rates rates = {}, OnChange on_change = {}, Authorize authorize = {});

  http::Admission admit(const http::Request& head) override;

  const std::vector<Endpoint>& endpoints() const { return endpoints_; }

 private:
  struct Match {
    const Endpoint* endpoint = nullptr;
    std::map<std::string, std::string> parts;
  };

  std::optional<Match> find(const http::Request& request) const;
  http::Response no_such_endpoint(const http::Request& request) const;
  // What agents say of their jobs, what applications ask, and what changes nothing, is not noted.
  void note_change(const Endpoint& endpoint, Call& call) const;
  // Who calls, or why it may not.
  std::optional<http::Response> refusal(const http::Request& request, const Match& match,
                                        Caller& caller);
  std::optional<http::Response> refusal_of_roles(const http::Request& request, const Match& match,
                                                 const Caller& caller) const;

  std::vector<Endpoint> endpoints_;
  Authenticate authenticate_;
  const base::Clock& clock_;
  Rates rates_;
  OnChange on_change_;
  Authorize authorize_;
};

}  // namespace pipeline::api
