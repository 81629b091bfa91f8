// What the contracts of a server's stores start from.
#pragma once

#include <gtest/gtest.h>

#include <chrono>
#include <memory>
#include <stdexcept>

#include "pipelines/base/clock.h"
#include "pipelines/base/result.h"
#include "runner/store/paths.h"
#include "tests/support/temporary_directory.h"

namespace pipeline::store {

inline constexpr base::TimePoint kNoon{std::chrono::hours(12)};

template <class Store>
using Open = base::Result<std::unique_ptr<Store>> (*)(const Paths&);

template <class Store>
class Contract : public testing::TestWithParam<Open<Store>> {
 protected:
  // Another object on the same storage, as another process has it.
  std::unique_ptr<Store> open() const {
    auto opened = this->GetParam()(Paths(directory_.path()));
    if (!opened) throw std::runtime_error(opened.error().to_string());
    return *std::move(opened);
  }

 private:
  support::TemporaryDirectory directory_;
};

}  // namespace pipeline::store
