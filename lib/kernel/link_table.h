// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "host/host.h"
#include "kernel/link_message.h"

namespace dpvrrp {

// The links as the notifications have told them so far. The kernel announces a link for many reasons; this finds the
// two that matter, and gives an address's ifindex the name that it had when the notification was made.
//
// Thread: control.
class LinkTable {
 public:
  // Each appends kLinkUp and kLinkDown events for what is different from before.
  void Set(const LinkInfo& info, std::vector<HostEvent>& out);
  void Remove(uint32_t ifindex, std::vector<HostEvent>& out);
  void Replace(const std::vector<LinkInfo>& all, std::vector<HostEvent>& out);

  // The name, or empty.
  std::string FindName(uint32_t ifindex) const;

 private:
  struct Entry {
    std::string device;
    bool usable = false;  // up and running

    friend bool operator==(const Entry&, const Entry&) = default;
  };
  absl::flat_hash_map<uint32_t, Entry> links_;
};

}  // namespace dpvrrp
