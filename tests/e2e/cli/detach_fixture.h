// Runs that go on without their terminal, and the murder of what drives them.
#pragma once

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <csignal>
#include <fstream>
#include <sstream>
#include <string>

#include "tests/support/golden.h"
#include "tests/support/product/product.h"

namespace pipeline::e2e {

using support::eventually;
using support::Product;
using support::Ran;
using testing::HasSubstr;

struct Detach : testing::Test {
  Detach() { std::filesystem::create_directories(gates); }
  // Nothing of any run may be left, whatever a test did.
  ~Detach() override {
    open("anything");
    EXPECT_TRUE(eventually([&] { return product.is_quiet(); })) << "a process is left";
  }

  // A command that waits until the test opens the gate; jobs see gates and nothing else of ours.
  std::string wait_for(const std::string& gate) const {
    const std::string here = gates.string() + "/";
    return "until test -e " + here + gate + " || test -e " + here + "anything; do sleep 0.01; done";
  }
  void open(const std::string& gate) const { std::ofstream(gates / gate).put('\n'); }

  // Stages in the order given, each with the one above as its need.
  void write_pipeline(const std::vector<std::pair<std::string, std::string>>& stages,
                      const std::string& more = "") {
    std::string text =
        "name = \"demo\"\n[defaults]\nsandbox = { readable = [\"" + gates.string() + "\"] }\n";
    for (const auto& [name, command] : stages) {
      text.append("[[stage]]\nname = \"").append(name);
      text.append("\"\nrun = '''").append(command).append("'''\n").append(more);
    }
    product.write("pipeline.toml", text);
    product.commit();
  }

  std::string log_of(const std::string& job, int run = 1) {
    return product.run({"logs", std::to_string(run), job}).out;
  }
  bool has_printed(const std::string& job, const std::string& what, int run = 1) {
    return eventually([&] { return log_of(job, run).find(what) != std::string::npos; });
  }
  std::size_t events(const std::string& what, int run = 1) {
    const std::string all = product.run({"show", std::to_string(run), "--json"}).out;
    std::size_t count = 0;
    for (auto at = all.find(what); at != std::string::npos; at = all.find(what, at + 1)) ++count;
    return count;
  }
  std::size_t ended(const std::string& job, int run = 1) {
    return events(R"("event":"job-finished","job":")" + job + '"', run);
  }
  std::size_t started(const std::string& job, int run = 1) {
    return events(R"("event":"job-started","job":")" + job + '"', run);
  }

  // Whoever drives the run; 0: nobody did yet.
  int coordinator(int run = 1) const {
    std::ifstream lease(product.home() / "runs" / std::to_string(run) / "lease");
    int pid = 0;
    lease >> pid;
    return pid;
  }
  void kill_coordinator(int run = 1) {
    const int pid = coordinator(run);
    ASSERT_GT(pid, 0);
    ::kill(pid, SIGKILL);
    ASSERT_TRUE(eventually([&] {
      return product.run({"runs", "--json"}).out.find("running") == std::string::npos;
    }));
  }
  static std::string numbers(int from, int to) {
    std::string text;
    for (int i = from; i <= to; ++i) text += std::to_string(i) + "\n";
    return text;
  }

  Product product;
  const std::filesystem::path gates = product.root() / "gates";
};

}  // namespace pipeline::e2e
