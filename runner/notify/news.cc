#include "runner/notify/news.h"

#include <algorithm>

#include "pipelines/base/text.h"

namespace pipeline::notify {

namespace {

std::string place_of(const News& news) {
  if (!news.tag.empty()) return " of tag " + news.tag;
  return news.branch.empty() ? "" : " on " + news.branch;
}

// What the end means beside the one before it.
std::string turn_of(const News& news) {
  if (news.occasions.contains(model::Occasion::fixed)) return " (fixed)";
  if (news.occasions.contains(model::Occasion::broken)) return " (broken)";
  return "";
}

void add_row(std::string& text, std::string name, const std::string& value) {
  constexpr std::size_t kWidth = 12;
  if (value.empty()) return;
  name.resize(std::max(kWidth, name.size() + 2), ' ');
  text += name + base::printable(value) + '\n';
}

}  // namespace

std::string link_to(const std::string& server, run::RunId run) {
  return server.empty() ? "" : server + "/api/v1/runs/" + std::to_string(run);
}

std::string predicate(const Happening& happening) {
  switch (happening.kind) {
    case Happening::Kind::queued:
      return "is queued";
    case Happening::Kind::started:
      return "has started";
    case Happening::Kind::approval:
      return "waits for a word on " + happening.job;
    case Happening::Kind::job_started:
      return "has started " + happening.job;
    case Happening::Kind::job_finished:
      return "has done with " + happening.job + ": " +
             std::string(run::to_string(happening.job_status));
    case Happening::Kind::finished:
      break;
  }
  if (happening.status == run::RunStatus::cancelled) return "was cancelled";
  return std::string(run::to_string(happening.status));
}

std::string headline(const News& news) {
  std::string line = news.pipeline + ": run " + std::to_string(news.run) + place_of(news) + ' ';
  line += predicate(news.what) + turn_of(news);
  return base::printable(line);
}

std::string text_of(const News& news) {
  std::string text = headline(news) + "\n\n";
  add_row(text, "repository", news.repository);
  add_row(text, "commit", news.commit);
  add_row(text, "started by", news.event);
  if (news.what.kind == Happening::Kind::finished) {
    add_row(text, "because", news.what.reason);
    for (const Trouble& trouble : news.troubles) {
      std::string how(run::to_string(trouble.status));
      if (!trouble.reason.empty()) how += ": " + trouble.reason;
      add_row(text, trouble.job, how);
    }
  } else {
    add_row(text, "it says", news.what.reason);
  }
  text += '\n';
  if (const std::string link = link_to(news.server, news.run); !link.empty()) text += link + '\n';
  return text + "pipeline show " + std::to_string(news.run) + "   tells more\n";
}

}  // namespace pipeline::notify
