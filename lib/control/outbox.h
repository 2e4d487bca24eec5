// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <cstdint>
#include <deque>
#include <string>
#include <vector>

#include "base/strong.h"
#include "control/journal/event_log.h"
#include "host/host.h"
#include "host/program.h"
#include "pipeline/messages/command.h"

namespace dpvrrp {

// A client of a control socket that has sent a command. The caller chooses the number.
using RequesterId = Strong<struct RequesterIdTag, uint64_t>;

// The bit in the number of a client of the read-only socket: it may give no order.
inline constexpr uint64_t kReadOnlyRequester = uint64_t{1} << 63;
// The daemon's own terminal. The clients of the sockets count up from 1.
inline constexpr RequesterId kConsole{~kReadOnlyRequester};
constexpr bool IsReadOnly(RequesterId id) { return (id.value() & kReadOnlyRequester) != 0; }

struct Answer {
  // kMore: a part of a stream. kConfirm: a question; nothing has changed, and the same line with --yes does it.
  enum class Status : uint8_t { kOk, kMore, kUsage, kError, kConfirm };
  RequesterId to;
  Status status = Status::kOk;
  std::string body;
};

// What the daemon must do for the controller. It empties the outbox after every call. Commands that a full ring refuses
// stay at the front.
struct Outbox {
  // Not 0: write the instances' records, as they are now, to the disk as this generation, and then call
  // OnRecordsWritten(). `shard` does not wait for it.
  uint64_t write_records = 0;
  std::deque<ShardCommand> shard;
  std::vector<HostRequest> host;
  std::deque<ProgramOrder> programs;  // those that the agent does not take yet stay at the front
  std::vector<Answer> answers;
  std::vector<LogEvent> log;
};

}  // namespace dpvrrp
