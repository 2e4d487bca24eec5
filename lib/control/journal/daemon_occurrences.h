// SPDX-License-Identifier: BSD-3-Clause
//
// The occurrences of the daemon: configuration, sequence numbers, this machine, the rogue watch (occurrences.h explains
// the structs).
//
// Thread: any (values).
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "base/address.h"
#include "base/time.h"
#include "base/types.h"
#include "control/journal/severity.h"

namespace dpvrrp::occurrence {

// ---- Operators ----

struct OperatorCommand {
  std::string user;  // the name, or "uid 1000"; empty: not known
  int64_t pid = 0;   // 0: not known
  std::string line;  // the command, as it was given
  std::string Text() const;
};

struct Drained {
  size_t no_peer = 0;  // masters that no peer took over
  size_t owners = 0;   // of their addresses, which cannot resign
  Severity OwnSeverity() const { return no_peer + owners == 0 ? Severity::kNotice : Severity::kWarning; }
  std::string Text() const;
};

// ---- The configuration ----

struct DaemonStarted {
  size_t started = 0;  // instances
  size_t failed = 0;
  Severity OwnSeverity() const { return failed == 0 ? Severity::kNotice : Severity::kWarning; }
  std::string Text() const;
};

struct DaemonStopping {
  std::string Text() const;
};

struct HandoverBegan {
  size_t masters = 0;
  std::string Text() const;
};

struct HandoverTaken {
  size_t resumed = 0;
  size_t late = 0;       // their backups may be master already
  size_t different = 0;  // their configuration is another one
  Severity OwnSeverity() const { return late + different == 0 ? Severity::kNotice : Severity::kWarning; }
  std::string Text() const;
};

struct HandoverIgnored {
  std::string why;
  std::string Text() const;
};

struct FollowersMoved {
  std::string group;
  std::string leader;
  size_t followers = 0;  // that have the leader's state
  bool to_master = false;
  Nanoseconds after{0};  // from the leader's transition to that of the last follower
  std::string Text() const;
};

struct Reloaded {
  std::string summary;
  std::string Text() const { return summary; }
};

struct ReloadRefused {
  std::string why;
  std::string Text() const;
};

struct ChangedInPlace {
  std::vector<std::string> what;  // empty: only what was changed by command
  std::string Text() const;
};

struct NotReplaced {
  std::string why;
  std::string Text() const { return why; }
};

struct RingChanged {
  std::string ring;
  std::string what;      // "key 5 added"
  size_t instances = 0;  // that have new keys
  std::string Text() const;
};

struct KeyAcceptance {
  std::string ring;
  uint64_t key = 0;
  bool accepted = false;
  std::string Text() const;
};

struct KeySignsOutOfTime {
  std::string ring;
  uint64_t key = 0;
  bool expired = false;  // else its validity period has not begun
  std::string Text() const;
};

struct SenderBlocked {
  std::string sender;
  bool configured = false;  // else by command
  std::string Text() const;
};

struct SenderUnblocked {
  std::string sender;
  uint64_t frames = 0;  // that were dropped
  std::string Text() const;
};

struct SenderNotBlocked {
  std::string why;
  std::string Text() const;
};

struct AllowListChanged {
  std::vector<IpAddress> senders;  // empty: all
  std::string Text() const;
};

struct VridMoveBegan {
  Vrid from;
  Vrid to;
  std::string Text() const;
};

struct VridMoved {
  Vrid from;
  Vrid to;
  std::string Text() const;
};

struct VridMoveAborted {
  Vrid stays;
  Vrid not_to;
  std::string Text() const;
};

struct VridNumbersNotKept {
  std::string why;
  std::string Text() const { return why; }
};

// ---- Sequence numbers, and the state on the disk ----

struct ClockBehindRecord {
  int64_t seconds = 0;
  std::string Text() const;
};

struct NumbersCaughtUp {
  uint64_t numbers = 0;
  int64_t absent_seconds = 0;
  std::string Text() const;
};

struct NumbersLow {
  uint64_t left = 0;
  int64_t days = 0;  // in which adverts use them up
  std::string Text() const;
};

struct StateFailed {
  std::string text;
  std::string Text() const { return text; }
};

struct StateRecovered {
  std::string text;
  std::string Text() const { return text; }
};

// ---- This machine ----

struct ClockSet {
  int64_t seconds = 0;  // negative: back
  std::string Text() const;
};

struct PortUp {
  std::string port;
  std::string Text() const;
};

// By an operator.
struct PortStopped {
  std::string port;
  std::string Text() const;
};

struct PortStarted {
  std::string port;
  std::string Text() const;
};

struct PortDown {
  std::string port;
  std::string why;
  std::string Text() const;
};

struct ProgramFailed {
  std::string program;  // with whom it was run for
  std::string how;      // "exit status 1"
  std::string Text() const;
  std::string Cause() const { return "a notify program failed"; }
};

// The agent, which runs the programs of operators, has news.
struct AgentTroubled {
  std::string what;
  std::string Text() const { return what; }
};
struct AgentWell {
  std::string what;
  std::string Text() const { return what; }
};

struct TrackChanged {
  std::string track;
  std::string value;     // "up", "down", a number
  std::string observed;  // "exit status 1"
  size_t users = 0;      // instances
  Severity OwnSeverity() const { return value == "down" ? Severity::kWarning : Severity::kNotice; }
  std::string Text() const;
};

struct TrackNotKept {
  std::string track;
  std::string why;
  std::string Text() const;
};

struct PortOpened {
  std::string port;
  std::string how;
  std::string Text() const;
};

struct PortNotOpened {
  std::string port;
  std::string why;
  std::string Text() const;
};

struct PortMacChanged {
  std::string port;
  MacAddress from;
  MacAddress to;
  std::string Text() const;
};

struct WorkerStalled {
  uint32_t lcore = 0;
  int64_t since_unix_ms = 0;
  std::string why;
  std::string Text() const;
};

struct WorkerRunsAgain {
  uint32_t lcore = 0;
  Nanoseconds after{};
  std::string Text() const;
};

// ---- What the rogue watch found ----

struct VerdictFound {
  absl::string_view verdict;  // its name, from the table of verdicts
  std::string sentence;
  std::string Text() const;
};
struct RogueFound : VerdictFound {};
struct FaultFound : VerdictFound {};

struct VerdictOver {
  absl::string_view verdict;
  std::optional<IpAddress> sender;  // none: it is a fault of ours
  Nanoseconds unseen{};             // the sender, for this long
  std::string Text() const;
};
struct RogueOver : VerdictOver {};
struct FaultOver : VerdictOver {};

struct RoguesLeftOut {
  size_t count = 0;
  std::string Text() const;
};

}  // namespace dpvrrp::occurrence
