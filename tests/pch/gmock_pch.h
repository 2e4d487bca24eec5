// SPDX-License-Identifier: BSD-3-Clause
//
// Precompiled for test programs of many files: most of the text that the compiler reads for a test is GoogleTest and
// its includes. No test relies on it: each includes what it uses. There is no `#pragma once`, because g++ refuses it in
// a header that it precompiles.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <array>
#include <chrono>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
