// SPDX-License-Identifier: BSD-3-Clause
//
// The twin of a port: a kernel interface that receives what the port receives and no virtual router needs, and whose
// frames the port sends (docs/decisions/0029).
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "base/address.h"
#include "base/limits.h"

namespace dpvrrp {

// The largest MTU of a twin, in bytes: a frame with the Ethernet header, two tags and FCS fits into a buffer.
inline constexpr uint16_t kMaxTwinMtu = kMaxFrameBytes - 14 - 2 * 4 - 4;

// A TAP device with a queue for each worker. It is persistent: with its addresses and routes it outlives the daemon,
// and the next start uses it again.
//
// Thread: control, except for the descriptors.
class Twin {
 public:
  // Makes the device, or takes the one that exists: a TAP with several queues (`ip tuntap add NAME mode tap
  // multi_queue`). AlreadyExists: another interface has the name. Other errors name the interface and the call.
  static absl::StatusOr<std::unique_ptr<Twin>> Open(const std::string& name, size_t queues);
  // Without Keep(), a device that Open() has made disappears.
  ~Twin();
  Twin(const Twin&) = delete;
  Twin& operator=(const Twin&) = delete;

  const std::string& name() const { return name_; }
  bool is_new() const { return is_new_; }  // Open() has made it
  // Of the queues. Each read() returns one frame that the kernel sends, each write() gives it one. They do not block.
  // write() works on the descriptor of another worker too.
  const std::vector<int>& descriptors() const { return descriptors_; }

  absl::Status Keep();
  // Replaces the device by `other`, of as many queues. The numbers of the descriptors stay, so that workers continue to
  // use them meanwhile. `other` must not be used afterwards.
  absl::Status Become(Twin& other);
  absl::Status SetMac(const MacAddress& mac);
  absl::Status SetMtu(uint16_t mtu);
  absl::Status SetUp();
  absl::Status SetCarrier(bool has_link);  // Linux 5.0

 private:
  Twin(std::string name, bool is_new) : name_(std::move(name)), is_new_(is_new) {}
  absl::Status AddQueue();

  std::string name_;
  bool is_new_;
  std::vector<int> descriptors_;
};

}  // namespace dpvrrp
