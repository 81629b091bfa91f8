#include "tests/contract/target_contract.h"

#include "tests/integration/stages/deploy/process/process_world.h"

namespace pipeline::contract {

INSTANTIATE_TYPED_TEST_SUITE_P(Process, TargetContract,
                               testing::Types<deploy::process::ProcessWorld>);

}  // namespace pipeline::contract
