// Values that are taken out once, by a secret, before their time is over. Kept by the secret's
// digest, so that how long a look takes says nothing of it. Bounded: of too many the oldest go.
//
// Pure: time comes in. One thread.
#pragma once

#include <map>
#include <optional>
#include <string_view>
#include <utility>

#include "pipelines/base/clock.h"
#include "pipelines/base/digest.h"
#include "stages/host/hash.h"

namespace pipeline::serve {

template <class Value>
class OneTime {
 public:
  OneTime(base::Duration lifetime, std::size_t most) : lifetime_(lifetime), most_(most) {}

  void put(std::string_view secret, Value value, base::TimePoint now) {
    drop_ended(now);
    if (by_age_.size() >= most_) drop_oldest();
    const base::Digest digest = host::sha256(secret);
    by_age_.emplace(now + lifetime_, digest);
    values_.insert_or_assign(digest, std::pair(now + lifetime_, std::move(value)));
  }

  // None when nothing was put there, or it has been taken, or its time is over.
  std::optional<Value> take(std::string_view secret, base::TimePoint now) {
    auto taken = values_.extract(host::sha256(secret));
    if (taken.empty() || taken.mapped().first <= now) return std::nullopt;
    return std::move(taken.mapped().second);
  }

  std::size_t size() const { return values_.size(); }

 private:
  void drop_ended(base::TimePoint now) {
    while (!by_age_.empty() && by_age_.begin()->first <= now) drop_oldest();
  }
  void drop_oldest() {
    values_.erase(by_age_.begin()->second);
    by_age_.erase(by_age_.begin());
  }

  const base::Duration lifetime_;
  const std::size_t most_;
  std::map<base::Digest, std::pair<base::TimePoint, Value>> values_;
  std::multimap<base::TimePoint, base::Digest> by_age_;  // also of what has been taken
};

}  // namespace pipeline::serve
