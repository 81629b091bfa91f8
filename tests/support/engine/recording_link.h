// A Link that only writes down what it is asked for; the test plays the workers. As strict as a
// worker: an attempt is started once.
#pragma once

#include <gtest/gtest.h>

#include <chrono>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

#include "agents/link/link.h"

namespace pipeline::support {

class RecordingLink final : public link::Link {
 public:
  struct StopCall {
    std::string job;
    std::uint32_t attempt = 0;
    run::JobStatus as = run::JobStatus::cancelled;
    std::string reason;
  };

  void start(protocol::JobOrder order, link::EventSink& /*sink*/) override {
    EXPECT_TRUE(started_.insert({order.run, order.job, order.attempt}).second)
        << order.job << " was started twice";
    orders.push_back(std::move(order));
  }
  base::Result<std::optional<std::vector<run::Event>>> resume(const link::EarlierAttempt& earlier,
                                                              link::EventSink& /*sink*/) override {
    if (unknown) return base::fail(*unknown);
    const auto found = living.find({earlier.job, earlier.attempt});
    if (found == living.end()) return std::nullopt;
    std::vector<run::Event> reports;
    for (const run::EventBody& body : found->second) {
      const auto count = reports.size();
      reports.push_back({count + 1, reported_from + std::chrono::seconds(count), body});
    }
    return reports;
  }
  void stop(const std::string& job, std::uint32_t attempt, run::JobStatus as,
            const std::string& reason) override {
    stops.push_back({job, attempt, as, reason});
  }
  void stop_now(const std::string& job, std::uint32_t attempt) override {
    kills.emplace_back(job, attempt);
  }

  std::vector<std::string> started() const {
    std::vector<std::string> jobs;
    for (const protocol::JobOrder& order : orders) jobs.push_back(order.job);
    return jobs;
  }

  // Attempts that outlived a coordinator, and what they reported so far, one a second.
  std::map<std::pair<std::string, std::uint32_t>, std::vector<run::EventBody>> living;
  base::TimePoint reported_from{};
  std::optional<base::Error> unknown;  // why resume() cannot find out
  std::vector<protocol::JobOrder> orders;
  std::vector<StopCall> stops;
  std::vector<std::pair<std::string, std::uint32_t>> kills;

 private:
  std::set<std::tuple<run::RunId, std::string, std::uint32_t>> started_;
};

// Nobody posts to it: the test hands reports to the engine itself.
class SilentSink final : public link::EventSink {
 public:
  void post(run::EventBody /*event*/) override {}
};

}  // namespace pipeline::support
