#include "pipelines/model/stage_graph.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <set>

#include "tests/support/property.h"

namespace pipeline::model {
namespace {

using Indices = std::vector<std::size_t>;

// needs[i]: none for "the stage above", else the indices it needs.
Pipeline make_pipeline(const std::vector<std::optional<Indices>>& needs) {
  Pipeline pipeline;
  for (std::size_t i = 0; i < needs.size(); ++i) {
    Stage stage;
    stage.name = "s" + std::to_string(i);
    if (needs[i]) {
      stage.needs.emplace();
      for (const std::size_t need : *needs[i]) {
        stage.needs->push_back({"s" + std::to_string(need), false, {}});
      }
    }
    pipeline.stages.push_back(std::move(stage));
  }
  return pipeline;
}

TEST(StageGraph, IsAChainUntilToldOtherwise) {
  const Pipeline pipeline = make_pipeline({std::nullopt, std::nullopt, Indices{}, std::nullopt});
  const StageGraph graph(pipeline);
  EXPECT_TRUE(graph.needs(0).empty());
  EXPECT_EQ(graph.needs(1).at(0).stage, 0U);
  EXPECT_TRUE(graph.needs(2).empty());
  EXPECT_EQ(graph.needs(3).at(0).stage, 2U);
  EXPECT_EQ(graph.levels(), (Indices{0, 1, 0, 1}));
}

TEST(StageGraph, NamesEveryCycleThatSharesNoStage) {
  const Pipeline pipeline =
      make_pipeline({Indices{1}, Indices{2}, Indices{0}, Indices{3}, Indices{0}, Indices{}});
  const auto cycles = StageGraph(pipeline).cycles();
  ASSERT_EQ(cycles.size(), 2U);
  EXPECT_EQ(cycles[0], (Indices{0, 1, 2}));
  EXPECT_EQ(cycles[1], (Indices{3}));
}

TEST(StageGraph, DoesNotOverflowTheStackOnALongChain) {
  constexpr std::size_t kLong = 200'000;
  std::vector<std::optional<Indices>> needs(kLong);
  EXPECT_TRUE(StageGraph(make_pipeline(needs)).cycles().empty());
  needs[0] = Indices{kLong - 1};
  EXPECT_EQ(StageGraph(make_pipeline(needs)).cycles().at(0).size(), kLong);
}

TEST(StageGraph, LeavesOutNeedsOfNobody) {
  Pipeline pipeline = make_pipeline({Indices{}});
  pipeline.stages[0].needs->push_back({"nobody", false, {}});
  EXPECT_TRUE(StageGraph(pipeline).needs(0).empty());
}

// Needs that only point backwards, so there is no cycle, in a shuffled file order.
std::vector<std::optional<Indices>> random_acyclic(std::size_t size) {
  const Indices position = *rc::gen::exec([size] {
    Indices order(size);
    for (std::size_t i = 0; i < size; ++i) order[i] = i;
    for (std::size_t i = size; i > 1; --i) {
      std::swap(order[i - 1], order[*rc::gen::inRange<std::size_t>(0, i)]);
    }
    return order;
  });
  std::vector<std::optional<Indices>> needs(size);
  for (std::size_t i = 0; i < size; ++i) {
    std::set<std::size_t> chosen;
    const auto count = *rc::gen::inRange<std::size_t>(0, 4);
    for (std::size_t k = 0; k < count && i > 0; ++k) {
      chosen.insert(position[*rc::gen::inRange<std::size_t>(0, i)]);
    }
    needs[position[i]] = Indices(chosen.begin(), chosen.end());
  }
  return needs;
}

std::set<std::size_t> closure_by_walking(const StageGraph& graph, std::size_t stage) {
  std::set<std::size_t> reached;
  Indices open{stage};
  while (!open.empty()) {
    const std::size_t at = open.back();
    open.pop_back();
    for (const auto& edge : graph.needs(at)) {
      if (reached.insert(edge.stage).second) open.push_back(edge.stage);
    }
  }
  return reached;
}

RC_GTEST_PROP(StageGraphProperty, OrderAndClosureAgreeWithTheNeeds, ()) {
  const auto size = *rc::gen::inRange<std::size_t>(1, 80);
  const Pipeline pipeline = make_pipeline(random_acyclic(size));
  const StageGraph graph(pipeline);
  RC_ASSERT(graph.cycles().empty());

  const Indices order = graph.order();
  RC_ASSERT(order.size() == size);
  Indices rank(size);
  for (std::size_t i = 0; i < size; ++i) rank[order[i]] = i;
  Indices chosen;
  for (std::size_t i = 0; i < size; i += 2) chosen.push_back(i);
  const StageClosure closure(graph, chosen);
  for (std::size_t stage = 0; stage < size; ++stage) {
    for (const auto& edge : graph.needs(stage)) RC_ASSERT(rank[edge.stage] < rank[stage]);
    const auto reached = closure_by_walking(graph, stage);
    Indices expected;
    for (const std::size_t i : chosen) {
      if (reached.contains(i)) expected.push_back(i);
      RC_ASSERT(closure.contains(stage, i) == reached.contains(i));
    }
    RC_ASSERT(closure.of(stage) == expected);
  }
}

}  // namespace
}  // namespace pipeline::model
