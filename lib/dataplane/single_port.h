// SPDX-License-Identifier: BSD-3-Clause
//
// One DPDK port that the calling thread drives itself, without workers: for programs that generate traffic. Like
// Dataplane it starts EAL, which is possible once in the life of a process.
//
// This header and those it includes use no rte_*.h.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "base/address.h"
#include "dataplane/dataplane.h"
#include "pipeline/frame.h"

namespace dpvrrp {

// Thread: the caller of Open().
class SinglePort {
 public:
  struct Config {
    std::string device;                      // as in the configuration of the daemon
    uint32_t lcore = 0;                      // EAL pins the calling thread to its CPU
    std::vector<std::string> eal_arguments;  // the user's own
    EalLog log;
  };
  // Opens the port and receives every frame, also those for other hosts. Errors as of Dataplane::Start().
  static absl::StatusOr<std::unique_ptr<SinglePort>> Open(const Config& config);
  ~SinglePort();
  SinglePort(const SinglePort&) = delete;
  SinglePort& operator=(const SinglePort&) = delete;

  const PortInfo& info() const { return info_; }
  const std::vector<std::string>& notes() const { return notes_; }  // about the start, for the log

  // The frames that have arrived, at most kMaxBurst. They are valid until the next call.
  std::span<const Frame> Receive();

  // Buffers to write frames to, kMaxBurst of them. Fewer: the port has not sent yet what it took.
  std::span<TxFrame> Buffers();
  // Sends the first `count` of Buffers(), whose lengths the caller has set. Returns how many the port took. The others
  // are not sent.
  size_t Send(size_t count);

 private:
  struct Mbufs;  // of DPDK

  SinglePort();
  absl::Status StartEal(const Config& config);
  absl::Status StartDevice(const Config& config);

  PortInfo info_;
  std::vector<std::string> notes_;
  std::unique_ptr<Mbufs> mbufs_;
  std::optional<std::string> runtime_directory_;  // to be removed at the end
  bool eal_started_ = false;
};

}  // namespace dpvrrp
