// Looks why jobs of a server's run have no agent yet, for whoever follows the run: a while after a
// job was queued, and then, ever less often, as long as one waits. A job that gets its agent at
// once, as nearly all do, costs nothing but one look.
//
// It has a thread and a connection of its own. What fails is looked for again: whoever follows the
// events learns of the trouble there.
#pragma once

#include <condition_variable>
#include <functional>
#include <map>
#include <mutex>
#include <string>
#include <thread>

#include "pipelines/run/event.h"
#include "runner/cli/server_client.h"

namespace pipeline::cli {

class WaitLookout {
 public:
  // Called on the lookout's thread, when a job waits for something that was not told of it before.
  using Tell = std::function<void(const std::string& job, const std::string& reason)>;

  WaitLookout(run::RunId id, ServerClient client, Tell tell);
  // Ends a look that is under way.
  ~WaitLookout();
  WaitLookout(const WaitLookout&) = delete;
  WaitLookout& operator=(const WaitLookout&) = delete;

  // The job was queued. From any thread.
  void expect(const std::string& job);

 private:
  void look_until_stopped();
  // Whether somebody waits, as far as it could be seen.
  bool look();
  bool is_news(const std::string& job, const std::string& reason);

  const run::RunId id_;
  ServerClient client_;
  const Tell tell_;
  std::mutex mutex_;  // guards what follows
  std::condition_variable changed_;
  std::map<std::string, std::string> told_;  // reasons by job
  bool has_new_ = false;
  bool somebody_waits_ = false;
  bool is_stopping_ = false;
  std::thread thread_;  // last: it uses the others
};

}  // namespace pipeline::cli
