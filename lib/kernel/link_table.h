// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/strings/string_view.h"
#include "host/host.h"
#include "kernel/link_message.h"

namespace dpvrrp {

// The links as known from notifications. The kernel announces a link for many reasons. This table finds the changes,
// and gives for the ifindex of an address the name that the device had at the time of the notification.
//
// Thread: control.
class LinkTable {
 public:
  // Each appends kLinkUp, kLinkDown and kMacChanged events for the differences.
  void Set(const LinkInfo& info, std::vector<HostEvent>& out);
  void Remove(uint32_t ifindex, std::vector<HostEvent>& out);
  void Replace(const std::vector<LinkInfo>& all, std::vector<HostEvent>& out);

  // The name, or empty if unknown.
  std::string FindName(uint32_t ifindex) const;
  // The device with this name or alternative name; null if there is none. Valid until the next change. A linear search.
  const KnownLink* Find(absl::string_view name) const;
  // Whether any link has changed in any way since the last call.
  bool TakeChanged() { return std::exchange(changed_, false); }

 private:
  struct Entry {
    KnownLink known;
    std::vector<std::string> other_names;

    bool usable() const { return known.link.up && known.link.running; }
  };
  absl::flat_hash_map<uint32_t, Entry> links_;
  uint64_t appearances_ = 0;
  bool changed_ = false;
};

}  // namespace dpvrrp
