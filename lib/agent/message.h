// SPDX-License-Identifier: BSD-3-Clause
//
// The messages between control and the agent. Each is one datagram of a SOCK_SEQPACKET socketpair, of at most
// kMaxAgentMessage bytes. Numbers are in the byte order of the machine, because both ends are processes of one machine.
//
// Orders go to the agent, reports go to control. The client numbers its orders 1, 2, 3 ... A report about a program has
// the number of its order.
//
// Thread: any (pure functions).
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <variant>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "base/time.h"
#include "host/program.h"

namespace dpvrrp {

inline constexpr size_t kMaxAgentMessage = 65536;                          // bytes; a longer order is refused
inline constexpr size_t kMaxProgramText = 200;                             // bytes of ProgramReply::text
inline constexpr Nanoseconds kMaxProgramTimeout = std::chrono::hours(24);  // a longer one is refused
inline constexpr size_t kOrderNumberBytes = 2 + sizeof(uint64_t);          // of an order, up to the end of its number

// No further order follows. What waits and runs may end within this time; then the agent ends it.
struct FinishOrder {
  Nanoseconds longest{0};

  friend bool operator==(const FinishOrder&, const FinishOrder&) = default;
};

struct NumberedOrder {
  uint64_t number = 0;
  std::variant<ProgramRequest, FifoLine, FinishOrder> order;
};

struct NumberedReply {
  uint64_t number = 0;  // of its order
  ProgramReply reply;
};

// The worker ended. Of the orders that it took, no reply follows.
struct WorkerEnded {
  uint64_t taken = 0;  // the number of the last order that a worker took; the next worker takes later ones
  std::string text;    // how it ended
};

using AgentReport = std::variant<NumberedReply, AgentNews, WorkerEnded>;

// OK if the agent accepts the order. InvalidArgument: a text contains a zero byte, the command, the user or a path is
// empty, the timeout is not within (0, kMaxProgramTimeout], or a FIFO's line contains an end of line.
absl::Status CheckOrder(const ProgramOrder& order);

// InvalidArgument: as CheckOrder(), or the message is longer than kMaxAgentMessage.
absl::StatusOr<std::string> EncodeOrder(uint64_t number, const ProgramOrder& order);
std::string EncodeFinish(uint64_t number, FinishOrder order);
// `text` of a reply or of news is cut if the message would be too long.
std::string EncodeReport(const AgentReport& report);

// InvalidArgument: the message is no order of this release.
absl::StatusOr<NumberedOrder> DecodeOrder(absl::string_view message);
// The number of an order of which at least the first kOrderNumberBytes bytes are known. None if it is no order.
std::optional<uint64_t> PeekOrderNumber(absl::string_view start);
// InvalidArgument: the message is no report of this release.
absl::StatusOr<AgentReport> DecodeReport(absl::string_view message);

}  // namespace dpvrrp
