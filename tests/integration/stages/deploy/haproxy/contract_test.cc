#include "tests/contract/traffic_switch_contract.h"

#include "tests/integration/stages/deploy/haproxy/haproxy_world.h"

namespace pipeline::contract {

INSTANTIATE_TYPED_TEST_SUITE_P(Haproxy, TrafficSwitchContract,
                               testing::Types<deploy::haproxy::HaproxyWorld>);

}  // namespace pipeline::contract
