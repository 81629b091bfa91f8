#include "pipelines/config/later.h"

#include <algorithm>
#include <map>

namespace pipeline::config {

namespace {

using Words = std::vector<std::string>;

const std::map<std::string, Words, std::less<>>& keys_by_table() {
  static const std::map<std::string, Words, std::less<>> keys = {
      {"sandbox", {"image"}},
      {"environment", {"hosts", "hooks", "freeze", "compatibility", "protection", "resume"}},
      {"health", {"command"}},
      {"switch", {"socket", "blue", "green", "map"}},
      {"strategy",
       {"timeout", "deadline", "percent", "evaluation", "steps", "auto_promote", "unit", "shares",
        "decide", "phases", "route", "compare", "mismatch", "period"}},
      {"gate", {"alpha", "approvers", "expires"}},
  };
  return keys;
}

}  // namespace

const Words& later_keys(std::string_view table) {
  static const Words none;
  const auto found = keys_by_table().find(table);
  return found == keys_by_table().end() ? none : found->second;
}

bool is_later_key(std::string_view table, std::string_view key) {
  return std::ranges::find(later_keys(table), key) != later_keys(table).end();
}

const Words& later_targets() {
  static const Words targets = {"ssh", "podman", "exec"};
  return targets;
}

const Words& later_strategies() {
  static const Words strategies = {"rolling-with-additional-batch",
                                   "immutable",
                                   "traffic-splitting",
                                   "canary",
                                   "a-b",
                                   "phased",
                                   "parallel"};
  return strategies;
}

const Words& later_gates() {
  static const Words gates = {"analysis", "approval"};
  return gates;
}

}  // namespace pipeline::config
