// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <span>

#include "absl/status/statusor.h"
#include "base/time.h"

namespace dpvrrp {

// Takes SIGTERM, SIGINT and SIGHUP on its own thread and passes them to the control thread. The control thread may be
// blocked for long, for example in the kernel. So this thread ends the process if the control thread does not do it
// within `limit` after the first SIGTERM or SIGINT. Before that it runs the last resort: send priority-0 adverts and
// remove the addresses.
//
// Create it before any other thread, because threads inherit the mask that blocks these signals. SIGPIPE is ignored.
//
// Thread: control, except where noted.
class StopGuard {
 public:
  struct Options {
    Nanoseconds limit{0};              // time from the signal to the last resort
    Nanoseconds last_resort_limit{0};  // after this time the process ends, even if the last resort has not returned
    std::span<const int> capabilities = {};  // CAP_NET_ADMIN ...; the thread keeps these for the last resort
  };
  static absl::StatusOr<std::unique_ptr<StopGuard>> Create(const Options& options);
  ~StopGuard();  // ends the thread; the process is no longer guarded
  StopGuard(const StopGuard&) = delete;
  StopGuard& operator=(const StopGuard&) = delete;

  int fd() const;                   // readable when a signal waits
  std::optional<int> Read() const;  // the next signal's number. Never blocks

  // Runs on a thread of the guard, at most once, while the control thread is blocked. The process then ends with status
  // 1. Empty: nothing is done before the end.
  void set_last_resort(std::function<void()> last_resort);

 private:
  struct Parts;
  explicit StopGuard(std::unique_ptr<Parts> parts);
  std::unique_ptr<Parts> parts_;
};

}  // namespace dpvrrp
