// `git http-backend` (git-http-backend(1)), a CGI program (RFC 3875), for one request.
#pragma once

#include <filesystem>
#include <functional>
#include <memory>
#include <string>

#include "runner/server/git/ref_question.h"
#include "runner/server/http/exchange.h"

namespace pipeline::server {

struct GitRequest {
  std::shared_ptr<http::Exchange> exchange;
  std::filesystem::path root;  // of the repositories
  std::string path;            // below it: "shop.git/info/refs"
  std::string user{};          // who calls: hooks see it; empty: pushes are refused
  // What is asked before a ref is moved, by the hooks in that directory (ref_question.h). None:
  // each is moved.
  std::function<RefAnswer(const RefQuestion& question)> answer{};
  std::filesystem::path hooks{};
  // Called when git has done what it could, before the peer hears of the end; not when git could
  // not be started.
  std::function<void()> when_done{};
};

// Answers the request. Blocks until the answer is sent or the peer has left; nothing of git is left
// then.
void serve_by_git(const GitRequest& request);

}  // namespace pipeline::server
