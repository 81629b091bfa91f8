#include "runner/serve/served_deployments.h"

#include <algorithm>

namespace pipeline::serve {

namespace {

constexpr std::size_t kMost = 64;

}  // namespace

base::Result<> ServedDeployments::begin(access::Place place, Work work) {
  reap();
  const std::scoped_lock guard(mutex_);
  if (is_leaving_) return base::fail(base::ErrorKind::unavailable, "the server is stopping");
  if (under_way_.size() >= kMost)
    return base::fail(base::ErrorKind::unavailable, "too many deployments are under way");
  UnderWay& one = *under_way_.emplace_back(std::make_unique<UnderWay>());
  one.number = ++last_;
  one.place = std::move(place);
  one.thread = std::jthread(
      [this, &one, number = last_, work = std::move(work)](const std::stop_token& stop) {
        {
          const auto services = make_services_();
          work(*services, number, stop);
        }
        const std::scoped_lock done(mutex_);
        one.is_over = true;
      });
  return {};
}

// Threads that have ended are joined with the next that begins.
void ServedDeployments::reap() {
  std::vector<std::unique_ptr<UnderWay>> over;
  const std::scoped_lock guard(mutex_);
  for (auto& one : under_way_)
    if (one->is_over) over.push_back(std::move(one));
  std::erase(under_way_, nullptr);
}

ServedDeployments::UnderWay* ServedDeployments::find(std::uint64_t number) const {
  const auto found = std::ranges::find_if(
      under_way_, [&](const auto& one) { return one->number == number && !one->is_over; });
  return found == under_way_.end() ? nullptr : found->get();
}

std::optional<access::Place> ServedDeployments::place_of(std::uint64_t number) {
  const std::scoped_lock guard(mutex_);
  const UnderWay* const one = find(number);
  return one == nullptr ? std::nullopt : std::optional(one->place);
}

bool ServedDeployments::turn_back(std::uint64_t number) {
  const std::scoped_lock guard(mutex_);
  UnderWay* const one = find(number);
  return one != nullptr && one->thread.request_stop();
}

void ServedDeployments::leave() {
  std::vector<std::unique_ptr<UnderWay>> all;
  {
    const std::scoped_lock guard(mutex_);
    is_leaving_ = true;
    all.swap(under_way_);
    for (const auto& one : all) one->thread.request_stop();
  }
  for (const auto& one : all) one->thread.join();
}

}  // namespace pipeline::serve
