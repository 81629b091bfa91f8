// A ProcessTarget with the real supervisor; the world of the contract suite. Artifacts are made up:
// the store has tests of its own.
#pragma once

#include <gtest/gtest.h>

#include <unistd.h>

#include <csignal>
#include <filesystem>
#include <fstream>
#include <functional>
#include <thread>

#include "stages/deploy/process/process_target.h"
#include "tests/support/port_block.h"
#include "tests/support/temporary_directory.h"

namespace pipeline::deploy::process {

class ProcessWorld {
 public:
  static std::optional<std::string> missing() { return std::nullopt; }

  ProcessWorld() : target_(directory(), {verify, unpack}, INSTANCE_PROGRAM) {}
  // Whatever a failed test left.
  ~ProcessWorld() {
    const auto left = target_.observe().value_or(std::vector<ObservedInstance>{});
    for (const auto& instance : left) {
      static_cast<void>(target_.stop(instance.spec.name));
    }
  }

  ProcessTarget& target() { return target_; }
  std::filesystem::path directory() const { return temporary_.path() / "environment"; }
  std::filesystem::path place(const std::string& instance) const {
    return directory() / "instances" / instance;
  }

  static base::Digest artifact() { return digest('a'); }
  static base::Digest other_artifact() { return digest('b'); }
  static base::Digest damaged_artifact() { return digest('d'); }
  static base::Digest unknown_artifact() { return digest('e'); }
  static std::string serving() { return "exec ./bin/serve"; }
  // Our own among tests that run at the same time.
  static model::PortRange ports() {
    static const auto first = static_cast<std::uint16_t>(support::claim_ports(26800, 4, 1000));
    return {first, static_cast<std::uint16_t>(first + 3)};
  }

  ObservedInstance observe(const std::string& name) {
    const auto instances = target_.observe().value();
    for (const auto& instance : instances) {
      if (instance.spec.name == name) return instance;
    }
    return {};
  }
  void crash(const std::string& name) {
    const int pid = observe(name).pid;
    ASSERT_GT(pid, 0);
    ::kill(pid, SIGKILL);
  }
  void await(const std::string& name, const std::function<bool(const ObservedInstance&)>& wanted) {
    while (!wanted(observe(name))) std::this_thread::sleep_for(std::chrono::milliseconds(2));
  }
  std::string read(const std::filesystem::path& file) const {
    std::ifstream in(file);
    return {std::istreambuf_iterator<char>(in), {}};
  }
  void await_output(const std::string& name, const std::string& text) {
    await(name, [&](const ObservedInstance& instance) {
      return instance.last_output.find(text) != std::string::npos;
    });
  }

 private:
  static base::Digest digest(char digit) { return *base::Digest::parse(std::string(64, digit)); }

  static base::Result<> verify(const base::Digest& digest) {
    if (digest == unknown_artifact()) return base::fail(base::ErrorKind::not_found, "no such file");
    if (digest != damaged_artifact()) return {};
    return base::fail(base::ErrorKind::corrupt, "not what was stored");
  }
  static base::Result<> unpack(const base::Digest& digest, const std::filesystem::path& place) {
    std::filesystem::create_directories(place / "bin");
    std::ofstream(place / "bin/serve") << "#!/bin/sh\necho serving\nexec sleep 1000000\n";
    std::filesystem::permissions(place / "bin/serve", std::filesystem::perms(0755));
    return verify(digest);
  }

  support::TemporaryDirectory temporary_;
  ProcessTarget target_;
};

}  // namespace pipeline::deploy::process
