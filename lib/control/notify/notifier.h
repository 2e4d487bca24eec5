// SPDX-License-Identifier: BSD-3-Clause
//
// Notifications of transitions: the notify programs of instances and groups, with keepalived's words and arguments, and
// the lines of the notify FIFO. The agent runs the programs; those of one instance or group run one after another, in
// the order of its transitions.
//
// Thread: control.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/strings/string_view.h"
#include "base/types.h"
#include "config/model.h"
#include "control/part.h"
#include "host/program.h"
#include "vrrp/machine.h"

namespace dpvrrp {

struct ManagedInstance;

// What keepalived tells its scripts.
enum class NotifyWord : uint8_t { kMaster, kBackup, kFault, kStop };
absl::string_view ToString(NotifyWord word);  // "MASTER", "BACKUP", "FAULT", "STOP"

// A port without link is FAULT, as keepalived has it; a shutdown is STOP.
NotifyWord NotifyWordOf(State state, Reason reason);

class Notifier final : public Part {
 public:
  explicit Notifier(const PartContext& context) : context_(context) {}

  // An instance is in this state. Nothing happens if the word is the one of its last notification.
  void OnState(const ManagedInstance& instance);
  // A group has come to this state: all members are master, all are backup, or one is in Fault.
  void OnGroup(const GroupConfig& group, State state);
  // A group without a running member: the daemon stops.
  void OnGroupStopped(const GroupConfig& group);
  // The daemon has started its instances; it begins to stop.
  void OnDaemonStarted();
  void OnDaemonStopping();

  // Records a program that failed.
  void OnProgramReply(const ProgramReply& reply, ControlTime t);
  // Notify programs that have not ended.
  size_t running() const { return running_.size(); }

  void Forget(InstanceId id) override { told_.erase(id); }

 private:
  // The ids of requests for programs, apart from those of other parts.
  static constexpr uint64_t kFirstRequest = uint64_t{2} << 56;

  struct Subject {
    absl::string_view type;  // "INSTANCE", "GROUP"
    std::string name;
    int priority;  // of a group: 0
    const NotifyConfig* config;
  };

  void Notify(const Subject& subject, NotifyWord word);
  void Run(const std::vector<std::string>& command, std::vector<std::string> more, const std::string& queue);

  PartContext context_;
  absl::flat_hash_map<InstanceId, NotifyWord> told_;
  absl::flat_hash_map<std::string, NotifyWord> told_groups_;
  absl::flat_hash_map<uint64_t, std::string> running_;  // with the agent: the program and its subject
  uint64_t last_request_ = kFirstRequest;
};

}  // namespace dpvrrp
