// SPDX-License-Identifier: BSD-3-Clause
//
// Precompiled for libraries of many files: most of the text that the compiler reads for one of our files is the
// standard library and Abseil. No file relies on this header: each includes what it uses. There is no `#pragma once`,
// because g++ refuses it in a header that it precompiles.

#include <algorithm>
#include <array>
#include <chrono>
#include <cstdint>
#include <deque>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/container/flat_hash_set.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_join.h"
#include "absl/strings/string_view.h"
