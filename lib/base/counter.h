// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <atomic>
#include <cstdint>

namespace dpvrrp {

// A count with one writer. Loads and stores are relaxed: the writer pays a plain add, and a reader sees a recent value,
// never a torn one.
//
// Thread: written by: the owning lcore; read by: any.
class Counter {
 public:
  void Add(uint64_t n = 1) { value_.store(value_.load(std::memory_order_relaxed) + n, std::memory_order_relaxed); }
  void RaiseTo(uint64_t n) {  // for a maximum
    if (n > value_.load(std::memory_order_relaxed)) value_.store(n, std::memory_order_relaxed);
  }
  uint64_t value() const { return value_.load(std::memory_order_relaxed); }

 private:
  std::atomic<uint64_t> value_{0};
};

}  // namespace dpvrrp
