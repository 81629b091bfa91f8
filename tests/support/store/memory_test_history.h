// store::TestHistory in memory. See the contract in runner/store/test_history.h.
#pragma once

#include <vector>

#include "runner/store/test_history.h"

namespace pipeline::support {

class MemoryTestHistory final : public store::TestHistory {
 public:
  base::Result<> record(const store::TestedJob& job, const report::TestReport& report) override;
  base::Result<std::vector<store::PastResult>> results(const std::string& repository,
                                                       const std::string& pipeline,
                                                       const std::string& pattern,
                                                       std::size_t limit) override;
  base::Result<std::vector<store::TestedAttempt>> latest(const std::string& repository,
                                                         const std::string& pipeline) override;
  base::Result<std::vector<store::FlakyTest>> flaky(const std::string& repository,
                                                    const std::string& pipeline) override;

 private:
  struct Row {
    std::string repository;
    std::string pipeline;
    store::PastResult result;
  };
  void add(const store::TestedJob& job, const report::TestCase& test);

  std::vector<Row> rows_;
};

}  // namespace pipeline::support
