// SPDX-License-Identifier: BSD-3-Clause
//
// The differences between two configurations as texts, by their keys in the file: "priority 100 -> 120". Secrets are
// never shown. Arguments of programs are not shown either, because they may be secrets.
//
// Thread: control (pure).
#pragma once

#include <algorithm>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "config/model.h"

namespace dpvrrp::config_internal {

// A value as the texts show it.
std::string Text(bool value);
std::string Text(uint8_t value);
std::string Text(uint16_t value);
std::string Text(uint32_t value);
std::string Text(Vrid value);
std::string Text(Priority value);
std::string Text(VrrpVersion value);
std::string Text(Nanoseconds value);
std::string Text(const VlanStack& value);
std::string Text(const IpAddress& value);
std::string Text(SourceMac value);
std::string Text(ChecksumRule value);
std::string Text(IcvRule value);
std::string Text(RestartPolicy value);
std::string Text(MacAlgorithm value);
std::string Text(AuthKind value);
std::string Text(AddressLoss value);
std::string Text(const VirtualAddress& value);
std::string Text(const UnicastPeer& value);
inline std::string Text(const std::string& value) { return value.empty() ? "none" : value; }
std::string Text(TrackKind value);
std::string Text(GroupKind value);
inline std::string Text(const VirtualRoute& value) { return ToString(value); }
inline std::string Text(const VirtualRule& value) { return ToString(value); }
std::string Text(const TrackUse& value);             // "uplink weight -30, reverse"
std::string Text(const std::optional<bool>& value);  // of TrackConfig::initial

// Collects the settings that differ.
class Comparison {
 public:
  explicit Comparison(std::vector<std::string>& what) : what_(what) {}

  template <typename T>
  bool Setting(const char* key, const T& before, const T& after) {
    if (before == after) return false;
    what_.push_back(absl::StrCat(key, " ", Text(before), " -> ", Text(after)));
    return true;
  }
  // For a list: the entries that are added and removed. If only the order differs, says so.
  template <typename T>
  void List(const char* key, const std::vector<T>& before, const std::vector<T>& after) {
    if (before == after) return;
    std::vector<std::string> parts;
    const auto without = [&](const std::vector<T>& list, const std::vector<T>& other, const char* sign) {
      for (const T& item : list) {
        if (std::find(other.begin(), other.end(), item) == other.end()) parts.push_back(sign + Text(item));
      }
    };
    without(after, before, "+ ");
    without(before, after, "- ");
    what_.push_back(absl::StrCat(key, ": ", parts.empty() ? "another order" : absl::StrJoin(parts, ", ")));
  }

  // Of names, of which there may be very many. Many names are counted instead.
  void Names(const char* key, const std::vector<std::string>& before, const std::vector<std::string>& after);
  // Of a program, which is shown without its arguments.
  void Program(const char* key, const std::vector<std::string>& before, const std::vector<std::string>& after);
  void Programs(const NotifyConfig* before, const NotifyConfig* after);  // null: none

 private:
  std::vector<std::string>& what_;
};

}  // namespace dpvrrp::config_internal
