// SPDX-License-Identifier: BSD-3-Clause
//
// Precompiled for test programs of many files: GoogleTest and what it drags in is most of what a test's compiler reads.
// No test relies on it: each includes what it uses. Without `#pragma once`, which g++ refuses in what it precompiles.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <array>
#include <chrono>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>
