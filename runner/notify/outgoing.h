// One HTTP call to a receiver, which can be cut off.
//
// Threads: one at a time; cut_off() from any.
#pragma once

#include <filesystem>
#include <memory>
#include <mutex>
#include <string>

#include "agents/http/http_client.h"
#include "pipelines/base/result.h"
#include "runner/notify/message.h"

namespace pipeline::notify {

class Outgoing {
 public:
  // POSTs it. Any status is a reply. ErrorKind::failed for what is no URL of http or https; errors
  // name the server but no path and no query, which are secrets often enough.
  base::Result<http_client::Reply> post(const std::string& url, const Fields& fields,
                                        const std::string& type, const std::string& body);
  // Ends a call that is under way, and fails every later one.
  void cut_off();

 private:
  std::mutex mutex_;  // guards what follows
  std::shared_ptr<http_client::HttpClient> current_;
  bool is_cut_off_ = false;
};

}  // namespace pipeline::notify
