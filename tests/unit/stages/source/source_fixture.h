// A Source over directories of its own, and the working tree of a test.
#pragma once

#include <gtest/gtest.h>

#include "stages/source/git_source.h"
#include "tests/support/git_repository.h"
#include "tests/support/temporary_directory.h"

namespace pipeline::source {

class SourceTest : public testing::Test {
 protected:
  Revision snapshot() {
    auto revision = source->snapshot(repository.path());
    if (!revision) throw std::runtime_error(revision.error().to_string());
    return *revision;
  }

  support::GitRepository repository;
  support::TemporaryDirectory state;
  std::unique_ptr<Source> source =
      make_git_source(state.path() / "mirrors", state.path() / "trees");
};

}  // namespace pipeline::source
