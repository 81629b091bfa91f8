#include "tests/simulation/witness.h"

#include <algorithm>

#include "tests/simulation/harness.h"

namespace pipeline::simulation {

using rollout::DeploymentKind;
using rollout::State;

void Witness::saw_verdict(std::uint64_t release, const std::string& gate, bool passed) {
  verdicts_[release][gate] = passed;
  const auto content = contents_.find(release);
  if (!passed && content != contents_.end()) suspect(content->second);
}

void Witness::saw_entry(const rollout::Entry& entry) {
  if (const auto* opened = std::get_if<rollout::Opened>(&entry.body)) saw_opened(*opened);
  if (const auto* entered = std::get_if<rollout::Entered>(&entry.body)) saw_entered(*entered);
  if (std::holds_alternative<rollout::ShutDown>(entry.body)) current_ = 0;
}

void Witness::saw_opened(const rollout::Opened& entry) {
  open_ = entry;
  before_ = current_;
  contents_.insert_or_assign(entry.release.number, entry.release.digest);
  if (entry.kind == DeploymentKind::deploy) verdicts_.erase(entry.release.number);
}

void Witness::saw_entered(const rollout::Entered& entry) {
  if (!open_) return;
  const base::Digest& digest = open_->release.digest;
  const std::uint64_t release = open_->release.number;
  const bool brings = open_->kind == DeploymentKind::deploy;
  if (entry.state == State::promoted) {
    require(!brings || is_let_through(release),
            "a release is promoted before its gates have said yes");
    current_ = release;
    if (brings) return;
    if (before_ > release) distrust(contents_.at(before_));
    bad_.erase(digest);  // what serves is trusted, be it the same again
  } else if (entry.state == State::retaining && brings) {
    require(said(release, "smoke after", true),
            "a release counts as proved before the smoke test on the public address says yes");
    bad_.erase(digest);
    passed_.insert(digest);
  } else if (entry.state == State::rolling_back) {
    require(entry.reason.find("ended while it was promoted") == std::string::npos,
            "a release that was promoted is taken back because its driver died");
    if (entry.blame == rollout::Blame::release) passed_.erase(digest);
    const auto verdicts = verdicts_.find(release);
    const bool no =
        brings && verdicts != verdicts_.end() &&
        std::ranges::any_of(verdicts->second, [](const auto& one) { return !one.second; });
    if (no && entry.reason.find("exit code 1") != std::string::npos) distrust(digest);
  } else if (entry.state == State::rolled_back) {
    current_ = before_;
  }
}

void Witness::saw_users_reach(std::uint64_t release) const {
  if (!open_ || open_->kind != DeploymentKind::deploy || release != open_->release.number) return;
  require(is_let_through(release), "users reach a release before its gates have said yes");
}

bool Witness::said(std::uint64_t release, const std::string& gate, bool passed) const {
  const auto verdicts = verdicts_.find(release);
  if (verdicts == verdicts_.end()) return false;
  const auto verdict = verdicts->second.find(gate);
  return verdict != verdicts->second.end() && verdict->second == passed;
}

void Witness::distrust(const base::Digest& digest) {
  bad_.insert(digest);
  suspect(digest);
  passed_.erase(digest);
}

bool Witness::went_through_gates(const base::Digest& digest) const {
  return std::ranges::any_of(contents_, [&](const auto& content) {
    return content.second == digest && said(content.first, "toggle before", true) &&
           said(content.first, "smoke before", true) && said(content.first, "smoke after", true);
  });
}

}  // namespace pipeline::simulation
