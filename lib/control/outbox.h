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

// A client of the control socket that has sent a command. The caller chooses the number.
using RequesterId = Strong<struct RequesterIdTag, uint64_t>;

struct Answer {
  enum class Status : uint8_t { kOk, kMore, kUsage, kError };  // kMore: a part of a stream
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
