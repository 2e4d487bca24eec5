// SPDX-License-Identifier: BSD-3-Clause
#include "config/comparison.h"

#include "absl/container/flat_hash_set.h"

namespace dpvrrp::config_internal {
namespace {

constexpr size_t kMostNames = 8;

// The names of `list` that `other` has not.
std::vector<std::string> Without(const std::vector<std::string>& list, const std::vector<std::string>& other) {
  const absl::flat_hash_set<absl::string_view> others(other.begin(), other.end());
  std::vector<std::string> names;
  for (const std::string& name : list) {
    if (!others.contains(name)) names.push_back(name);
  }
  return names;
}

}  // namespace

std::string Text(bool value) { return value ? "true" : "false"; }
std::string Text(uint8_t value) { return absl::StrCat(int{value}); }
std::string Text(uint16_t value) { return absl::StrCat(value); }
std::string Text(uint32_t value) { return absl::StrCat(value); }
std::string Text(Vrid value) { return absl::StrCat(int{value.value()}); }
std::string Text(Priority value) { return absl::StrCat(int{value.value()}); }
std::string Text(VrrpVersion value) { return absl::StrCat(static_cast<int>(value)); }
std::string Text(Nanoseconds value) { return absl::StrCat(value / std::chrono::milliseconds(1), " ms"); }
std::string Text(const VlanStack& value) { return ToString(value); }
std::string Text(const IpAddress& value) { return value.IsUnspecified() ? "default" : ToString(value); }
std::string Text(SourceMac value) { return value == SourceMac::kVirtual ? "virtual" : "port"; }
std::string Text(ChecksumRule value) { return value == ChecksumRule::kRfc9568 ? "rfc9568" : "rfc5798"; }
std::string Text(IcvRule value) { return value == IcvRule::kRfc4302 ? "rfc4302" : "keepalived"; }
std::string Text(RestartPolicy value) { return value == RestartPolicy::kReadmit ? "readmit" : "refuse"; }
std::string Text(MacAlgorithm value) { return std::string(InfoOf(value).name); }
std::string Text(AuthKind value) {
  switch (value) {
    case AuthKind::kNone:
      return "none";
    case AuthKind::kSimple:
      return "simple";
    case AuthKind::kAh:
      return "ah";
    case AuthKind::kAuthHmac:
      return "auth-hmac";
  }
  return "";
}
std::string Text(AddressLoss value) { return std::string(ToString(value)); }
std::string Text(const VirtualAddress& value) {
  return absl::StrCat(ToString(value.prefix), value.device.empty() ? "" : " on ", value.device,
                      value.excluded ? ", excluded" : "", value.label.empty() ? "" : ", label ", value.label,
                      value.scope ? absl::StrCat(", scope ", *value.scope) : "");
}
std::string Text(const UnicastPeer& value) { return ToString(value.address); }
std::string Text(TrackKind value) { return std::string(ToString(value)); }
std::string Text(GroupKind value) { return std::string(ToString(value)); }
std::string Text(const TrackUse& value) {
  return absl::StrCat(value.track, value.weight ? absl::StrCat(" weight ", *value.weight) : "",
                      value.reverse ? ", reverse" : "");
}
std::string Text(const std::optional<bool>& value) { return !value ? "not known" : *value ? "up" : "down"; }

void Comparison::Names(const char* key, const std::vector<std::string>& before, const std::vector<std::string>& after) {
  if (before == after) return;
  const std::vector<std::string> added = Without(after, before);
  const std::vector<std::string> removed = Without(before, after);
  std::vector<std::string> parts;
  if (added.size() + removed.size() > kMostNames) {
    parts.push_back(absl::StrCat(added.size(), " added, ", removed.size(), " removed"));
  } else {
    for (const std::string& name : added) parts.push_back("+ " + name);
    for (const std::string& name : removed) parts.push_back("- " + name);
  }
  what_.push_back(absl::StrCat(key, ": ", parts.empty() ? "another order" : absl::StrJoin(parts, ", ")));
}

void Comparison::Program(const char* key, const std::vector<std::string>& before,
                         const std::vector<std::string>& after) {
  if (before == after) return;
  const std::string old_program = before.empty() ? "" : before.front();
  const std::string new_program = after.empty() ? "" : after.front();
  if (!Setting(key, old_program, new_program)) what_.push_back(absl::StrCat(key, ": other arguments"));
}

void Comparison::Programs(const NotifyConfig* before, const NotifyConfig* after) {
  static const NotifyConfig kNone;
  const NotifyConfig& a = before == nullptr ? kNone : *before;
  const NotifyConfig& b = after == nullptr ? kNone : *after;
  Program("notify", a.any, b.any);
  Program("notify_master", a.master, b.master);
  Program("notify_backup", a.backup, b.backup);
  Program("notify_fault", a.fault, b.fault);
  Program("notify_stop", a.stop, b.stop);
}

}  // namespace dpvrrp::config_internal
