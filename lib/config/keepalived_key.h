// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>

namespace dpvrrp {

// The number of bytes that keepalived reads of an unquoted key, as in `auth_pass Xk3!vQ9z`. The key ends at a blank, at
// ! and # (which begin a comment) and at " { }. If it has none of these, all its bytes. Tested on keepalived 2.2.7 with
// each printable character. Between double quotes keepalived reads every character except ".
//
// Thread: any (pure).
size_t KeepalivedReads(std::span<const uint8_t> key);

// The warning about a key that a keepalived peer may read as a shorter key; empty if there is none. Only the first
// `used` bytes are the key. If the bytes are not printable text, keepalived.conf has the key in another notation, and
// there is no warning. The warning shows no byte of the key, and not the place where it would be cut.
std::string KeepalivedKeyWarning(std::span<const uint8_t> key, size_t used = SIZE_MAX);

}  // namespace dpvrrp
