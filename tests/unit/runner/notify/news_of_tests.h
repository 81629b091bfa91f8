// News for tests of what is made of it.
#pragma once

#include "runner/notify/news.h"

namespace pipeline::notify {

inline News news_of(Happening::Kind kind) {
  News news{
      .run = 41,
      .repository = "far",
      .pipeline = "shop",
      .branch = "main",
      .tag = "",
      .commit = "0123456789abcdef0123456789abcdef01234567",
      .event = "push",
      .what = {.kind = kind, .sequence = 7, .at = base::TimePoint(std::chrono::hours(24 * 365))},
      .occasions = {},
      .troubles = {},
      .server = "https://ci.example.org"};
  if (kind == Happening::Kind::approval || kind == Happening::Kind::job_started ||
      kind == Happening::Kind::job_finished) {
    news.what.job = "integration[db=<a&b>]";
    news.what.attempt = 2;
  }
  return news;
}

inline News failed_news() {
  News news = news_of(Happening::Kind::finished);
  news.what.status = run::RunStatus::failed;
  news.what.reason = "unit failed";
  news.occasions = {model::Occasion::failure, model::Occasion::broken};
  news.troubles = {{"unit", run::JobStatus::failed, "exit status 1"},
                   {"lint[os=\xc3\xa4]", run::JobStatus::timed_out, "it took longer than 15m"}};
  return news;
}

}  // namespace pipeline::notify
