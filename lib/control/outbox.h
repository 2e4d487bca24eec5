// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <cstdint>
#include <deque>
#include <string>
#include <vector>

#include "base/strong.h"
#include "control/event_log.h"
#include "host/host.h"
#include "pipeline/messages.h"

namespace dpvrrp {

// Whoever asked: a client of the control socket. Chosen by the caller.
using RequesterId = Strong<struct RequesterIdTag, uint64_t>;

struct Answer {
  enum class Status : uint8_t { kOk, kMore, kUsage, kError };  // kMore: a part of a stream
  RequesterId to;
  Status status = Status::kOk;
  std::string body;
};

// What the controller wants done. The daemon empties it after every call; what a full ring refuses stays in front.
struct Outbox {
  bool flush_records = false;  // what the instances' records say must be on the disk before `shard` is sent
  std::deque<ShardCommand> shard;
  std::vector<HostRequest> host;
  std::vector<Answer> answers;
  std::vector<LogEvent> log;
};

}  // namespace dpvrrp
