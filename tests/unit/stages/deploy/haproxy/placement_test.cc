#include "stages/deploy/haproxy/placement.h"

#include <set>

#include <set>

#include "tests/support/property.h"

namespace pipeline::deploy::haproxy {
namespace {

using rollout::Endpoint;
using rollout::EndpointState;
using rollout::Traffic;

Endpoint endpoint(const std::string& name, std::uint16_t port = 8101) {
  return {name, "127.0.0.1", port, EndpointState::ready};
}

std::vector<int> blue_slots(const Placement& placement) {
  std::vector<int> slots;
  for (const auto& placed : placement.pools[0].servers) slots.push_back(placed.slot);
  return slots;
}

TEST(Placement, KeepsTheSlotOfWhatStays) {
  const auto first = place({.blue = {endpoint("a"), endpoint("b"), endpoint("c")}}, {});
  EXPECT_EQ(blue_slots(*first), (std::vector{1, 2, 3}));
  const auto second = place({.blue = {endpoint("c"), endpoint("d"), endpoint("b")}}, *first);
  EXPECT_EQ(blue_slots(*second), (std::vector{3, 4, 2})) << "slot 1 may still be busy";
  const auto third = place({.blue = {endpoint("e"), endpoint("c")}}, *second);
  EXPECT_EQ(blue_slots(*third), (std::vector{1, 3}));
}

TEST(Placement, TakesAnotherAddressForAnotherServer) {
  const auto before = place({.blue = {endpoint("a", 8101)}}, {});
  EXPECT_EQ(blue_slots(*place({.blue = {endpoint("a", 8102)}}, *before)), (std::vector{2}));
  auto draining = endpoint("a", 8101);
  draining.state = EndpointState::draining;
  EXPECT_EQ(blue_slots(*place({.blue = {draining}}, *before)), (std::vector{1}));
}

TEST(Placement, ReusesABusySlotRatherThanFailing) {
  Traffic full;
  for (int i = 0; i < kSlots; ++i) full.blue.push_back(endpoint("a" + std::to_string(i)));
  const auto before = place(full, {});
  full.blue.back() = endpoint("new");
  const auto after = place(full, *before);
  ASSERT_TRUE(after);
  EXPECT_EQ(blue_slots(*after).back(), kSlots);
  full.blue.push_back(endpoint("one-more"));
  EXPECT_EQ(place(full, *before).error().kind(), base::ErrorKind::exhausted);
}

TEST(Placement, RefusesNonsense) {
  EXPECT_EQ(place({.green = {endpoint("a"), endpoint("a", 2)}}, {}).error().message(),
            "a is twice among the green instances");
  EXPECT_FALSE(place({.green_percent = 101}, {}));
}

TEST(Placement, RefusesAFileThatIsNone) {
  for (const auto* text : {"", "[]", "{}", R"({"green_percent":0,"blue":[],"green":[]})",
                           R"({"green_percent":0,"blue":[1],"green":[],"preview":[]})",
                           R"({"green_percent":-1,"blue":[],"green":[],"preview":[]})"}) {
    const auto read = parse_placement(text);
    ASSERT_FALSE(read) << text;
    EXPECT_EQ(read.error().kind(), base::ErrorKind::corrupt);
  }
}

// A random walk through assignments: whatever came before, everything has a slot of its own in
// range, what stays keeps its slot, and a file brings it back as it was.
RC_GTEST_PROP(PlacementProperty, HoldsOverAnyHistory, ()) {
  Placement before;
  for (int step = 0; step < 10; ++step) {
    const auto names =
        *rc::gen::unique<std::vector<std::uint8_t>>(rc::gen::arbitrary<std::uint8_t>());
    Traffic traffic;
    for (const auto name : names) {
      if (traffic.green.size() < kSlots)
        traffic.green.push_back(endpoint("i" + std::to_string(name)));
    }
    traffic.green_percent = *rc::gen::inRange(0U, 101U);
    const auto after = place(traffic, before);
    RC_ASSERT(after.has_value());
    std::set<int> slots;
    for (const auto& placed : after->pools[1].servers) {
      RC_ASSERT(placed.slot >= 1 && placed.slot <= kSlots);
      RC_ASSERT(slots.insert(placed.slot).second);
      for (const auto& old : before.pools[1].servers) {
        if (old.endpoint == placed.endpoint) RC_ASSERT(old.slot == placed.slot);
      }
    }
    RC_ASSERT(after->pools[1].servers.size() == traffic.green.size());
    RC_ASSERT(parse_placement(to_json(*after)).value() == *after);
    before = *after;
  }
}

}  // namespace
}  // namespace pipeline::deploy::haproxy
