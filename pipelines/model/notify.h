// Who is told what of the runs of a pipeline: one [[notify]] of its file. Plain values;
// pipelines/notify decides on them.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace pipeline::model {

enum class Occasion : std::uint8_t {
  started,    // its first job began
  approval,   // it waits for a person's word
  success,    // it succeeded
  failure,    // a command said no
  error,      // we could not do our part
  cancelled,  // somebody ended it
  broken,     // it did not succeed, and the run before it on the branch did
  fixed,      // it succeeded, and the run before it on the branch did not
};

// Addresses and keys are names of secrets, so that no file holds them.
struct WebhookReceiver {
  std::string url;
  std::string key;  // what is signed with
  bool operator==(const WebhookReceiver&) const = default;
};

struct NotifyRule {
  std::vector<Occasion> on = {Occasion::failure, Occasion::error, Occasion::fixed};
  std::vector<std::string> branches{};  // globs; empty: all, and tags
  std::vector<std::string> mail{};      // addresses
  std::optional<std::string> slack{};   // the URL of an incoming webhook
  std::optional<WebhookReceiver> webhook{};
  std::optional<std::string> cdevents{};  // a URL; told of every step, whatever `on` says
  bool operator==(const NotifyRule&) const = default;
};

}  // namespace pipeline::model
