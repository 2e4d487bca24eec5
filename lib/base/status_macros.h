// SPDX-License-Identifier: BSD-3-Clause
//
// Early returns of functions that return absl::Status or absl::StatusOr.
//
//   DPVRRP_RETURN_IF_ERROR(socket.Bind(address));
//   DPVRRP_ASSIGN_OR_RETURN(const Vrid vrid, ReadVrid(text));
//
// The first evaluates a Status and returns it from the function if it is not OK. The second evaluates a StatusOr,
// returns its status from the function if it is not OK, and else moves its value into what stands on the left: a
// declaration or a variable. The expression may contain commas; the left side may not.
//
// The second is two statements, so it cannot be the body of an `if` without braces.
#pragma once

#include <utility>

#include "absl/status/status.h"
#include "absl/status/statusor.h"

#define DPVRRP_RETURN_IF_ERROR(...)                \
  do {                                             \
    absl::Status dpvrrp_status = (__VA_ARGS__);    \
    if (!dpvrrp_status.ok()) return dpvrrp_status; \
  } while (false)

#define DPVRRP_ASSIGN_OR_RETURN(left, ...) \
  DPVRRP_INTERNAL_ASSIGN(DPVRRP_INTERNAL_NAME(dpvrrp_status_or_, __LINE__), left, __VA_ARGS__)

#define DPVRRP_INTERNAL_JOIN(a, b) a##b
#define DPVRRP_INTERNAL_NAME(a, b) DPVRRP_INTERNAL_JOIN(a, b)
#define DPVRRP_INTERNAL_ASSIGN(result, left, ...)      \
  auto result = (__VA_ARGS__);                         \
  if (!result.ok()) return std::move(result).status(); \
  left = *std::move(result)
