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

struct Rates {
  RateLimit callers{100, 400};  // by token
  RateLimit strangers{1, 30};   // by address: requests whose token is none
};

class Router final : public http::Handler {
 public:
  // REQUIRES: no two endpoints of one method and path.
  Router(std::vector<Endpoint> endpoints, Authenticate authenticate, const base::Clock& clock,
         Rates rates = {});

  http::Admission admit(const http::Request& head) override;

  const std::vector<Endpoint>& endpoints() const { return endpoints_; }

 private:
  struct Match {
    const Endpoint* endpoint = nullptr;
    std::map<std::string, std::string> parts;
  };

  std::optional<Match> find(const http::Request& request) const;
  http::Response no_such_endpoint(const http::Request& request) const;
  // Who calls, or why it may not.
  std::optional<http::Response> refusal(const http::Request& request, const Endpoint& endpoint,
                                        Caller& caller);

  std::vector<Endpoint> endpoints_;
  Authenticate authenticate_;
  const base::Clock& clock_;
  Rates rates_;
};

}  // namespace pipeline::api
