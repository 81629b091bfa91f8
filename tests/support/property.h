// Properties over random values as GoogleTest cases: RC_GTEST_PROP(Suite, name, (int a, int b)) {
// RC_ASSERT(…); }. A failure prints the smallest counterexample and the seed; RC_PARAMS="seed=…"
// replays it.
#pragma once

#include <gtest/gtest.h>
// The order matters: the glue needs GoogleTest's macros.
#include <rapidcheck/gtest.h>
