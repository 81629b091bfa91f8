// Repositories over git's smart HTTP protocol: those that are hosted here, for people, and the
// trees of runs, for agents.
//
//   /git/NAME[.git]/…        a hosted repository; fetching takes the scope read, pushing run;
//                            of people the roles for it as well
//   /api/v1/trees/NAME/…     trees of runs (stages/source/tree_export.h), for agents to fetch
//
// Threads: the server's.
#pragma once

#include <filesystem>
#include <functional>
#include <string>
#include <vector>

#include "agents/worker/thread_pool.h"
#include "runner/server/api/endpoint.h"
#include "runner/server/git/ref_question.h"

namespace pipeline::server {

struct GitPlaces {
  std::filesystem::path repositories;  // hosted ones: NAME.git below it
  std::filesystem::path trees;         // exports
  std::filesystem::path uploads;       // bodies on their way; on a disk with room for a push
  std::filesystem::path hooks{};       // what git asks by (ref_question.h)
};

// A ref that somebody wants moved.
struct RefPush {
  std::string repository;
  api::Caller caller;
  RefQuestion question;
};

class GitEndpoints {
 public:
  // Called on a thread of the pool when somebody may have changed refs of a hosted repository.
  using OnPush = std::function<void(const std::string& repository)>;
  // Called on a thread of the pool before one moves.
  using MayMove = std::function<RefAnswer(const RefPush& push)>;

  // The pool outlives it. Without `may_move` every ref may be moved by whoever may push.
  GitEndpoints(GitPlaces places, worker::ThreadPool& pool, OnPush on_push, MayMove may_move = {})
      : places_(std::move(places)),
        pool_(pool),
        on_push_(std::move(on_push)),
        may_move_(std::move(may_move)) {}

  std::vector<api::Endpoint> endpoints();

 private:
  void serve_hosted(const api::Call& call);
  void serve_trees(const api::Call& call);

  GitPlaces places_;
  worker::ThreadPool& pool_;
  OnPush on_push_;
  MayMove may_move_;
};

}  // namespace pipeline::server
