// Precompiled by every test program.
#pragma once

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "scripts/cmake/standard_pch.h"
