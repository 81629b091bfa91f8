// A happening of a run with all that a message may say of it. Plain values, made by whoever knows
// the run; pure functions.
#pragma once

#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "pipelines/model/notify.h"
#include "pipelines/notify/happening.h"
#include "pipelines/run/event.h"

namespace pipeline::notify {

struct News {
  run::RunId run = 0;
  std::string repository;  // its name on the server
  std::string pipeline;
  std::string branch;  // empty: none, or a tag
  std::string tag;
  std::string commit;
  std::string event;  // what started the run: "push"
  Happening what;
  std::set<model::Occasion> occasions;
  std::vector<Trouble> troubles;  // as of then
  std::string server;             // where people find it; empty: not known
};

// Where a run of the server is; empty when nobody knows where that is.
std::string link_to(const std::string& server, run::RunId run);

// "queued", "started", "waits for an approval", "succeeded", "failed", …
std::string predicate(const Happening& happening);

// One line: "shop: run 41 on main failed (broken)". Printable, whatever branches are called.
std::string headline(const News& news);

// Several lines, of which the first is a sentence: what a mail says.
std::string text_of(const News& news);

}  // namespace pipeline::notify
