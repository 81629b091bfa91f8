// A small run to show: a plan made by hand and the events of its life, on a clock that the test
// turns.
#pragma once

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "runner/cli/render/board.h"
#include "runner/cli/render/reporter.h"

namespace pipeline::render {

inline base::TimePoint at(double seconds) {
  const auto start = base::TimePoint(std::chrono::seconds(1'790'000'000));
  return start + std::chrono::microseconds(static_cast<std::int64_t>(seconds * 1e6));
}

inline base::Digest digest_of(std::uint8_t byte) {
  base::Digest::Bytes bytes{};
  bytes.fill(byte);
  return base::Digest(bytes);
}

// build → unit → package → staging, and lint beside them, which may fail.
inline plan::Plan shop_plan() {
  plan::Plan plan;
  plan.pipeline.name = "shop";
  plan.facts.branch = "main";
  plan.facts.commit = "3f2a1b7c9d00112233445566778899aabbccddee";
  plan.facts.dirty = true;
  const std::vector<std::string> names = {"build", "lint", "unit", "package", "staging"};
  const std::vector<std::vector<std::size_t>> needs = {{}, {}, {0}, {2}, {3}};
  for (std::size_t i = 0; i < names.size(); ++i) {
    model::Stage stage;
    stage.name = names[i];
    stage.allow_failure = names[i] == "lint";
    if (names[i] == "staging") {
      stage.kind = model::StageKind::deploy;
      stage.work = model::DeployWork{"staging", "shop", {}, {}};
    }
    plan.pipeline.stages.push_back(stage);
    plan::Job job;
    job.name = names[i];
    job.stage = i;
    for (const std::size_t need : needs[i]) job.needs.push_back({need, false});
    plan.jobs.push_back(job);
  }
  return plan;
}

// Numbers events and gives them to whoever is tested.
class Story {
 public:
  Story(Reporter& reporter, const plan::Plan& plan) : reporter_(reporter), truth_(12, plan) {}

  void tell(double seconds, run::EventBody body) {
    const run::Event event{++sequence_, at(seconds), std::move(body)};
    const auto accepted = truth_.apply(event);
    EXPECT_TRUE(accepted) << "the story cannot happen: " << accepted.error().to_string();
    reporter_.on_event(event);
  }
  void start(double seconds, const std::string& job, const std::string& command) {
    tell(seconds, run::JobQueued{job, 1});
    tell(seconds, run::JobLeased{job, 1, "local"});
    tell(seconds, run::JobStarted{job, 1});
    tell(seconds, run::CommandStarted{job, 1, 0, command});
  }
  void reuse(double seconds, const std::string& job) {
    tell(seconds, run::JobQueued{job, 1});
    tell(seconds, run::JobCached{job, {}, {}, 11});
  }
  void end(double seconds, const std::string& job, run::JobStatus status, int exit_code,
           const std::string& reason) {
    tell(seconds, run::CommandFinished{job, 1, 0, exit_code});
    tell(seconds, run::JobFinishing{job, 1});
    run::JobFinished finished{job, 1, status, reason, {}, {}, {}};
    if (job == "package" && status == run::JobStatus::succeeded) {
      finished.artifacts.push_back({"shop", digest_of(0xab), 1'234'567});
    }
    tell(seconds, finished);
  }

 private:
  Reporter& reporter_;
  Board truth_;
  std::uint64_t sequence_ = 0;
};

class RecordedOutput final : public Output {
 public:
  void write(std::string_view text) override { text_ += text; }
  ScreenSize size() const override { return size_; }

  const std::string& text() const { return text_; }
  void resize(ScreenSize size) { size_ = size; }

 private:
  std::string text_;
  ScreenSize size_;
};

inline std::vector<std::string> canned_log(const std::string& job, std::uint32_t /*attempt*/,
                                           std::size_t count) {
  std::vector<std::string> lines = {job + " says one", job + " says two", job + " says three"};
  if (lines.size() > count) {
    lines.erase(lines.begin(), lines.end() - static_cast<std::ptrdiff_t>(count));
  }
  return lines;
}

}  // namespace pipeline::render
