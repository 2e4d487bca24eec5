// SPDX-License-Identifier: BSD-3-Clause
//
// What an lcore reports to control. An event is one of the structs below. Events travel through a rte_ring by copying.
// Where a field says so, the event owns the object that the field points to.
//
// Thread: made by the lcore, read by control.
#pragma once

#include <cstdint>
#include <type_traits>
#include <variant>

#include "base/address.h"
#include "base/drop_reason.h"
#include "base/remark.h"
#include "base/time.h"
#include "base/types.h"
#include "vrrp/machine.h"

namespace dpvrrp {

class VirtualRouter;
struct InstanceQuery;
struct WatchQuery;

// An event that a frame causes is reported at most once in such a time for each instance and cause.
inline constexpr Nanoseconds kNoticeInterval = std::chrono::seconds(10);
inline constexpr Nanoseconds kOtherMasterInterval = std::chrono::seconds(1);
inline constexpr Nanoseconds kRemarkInterval = std::chrono::hours(1);  // its causes are lasting

namespace event {

// The sender of a frame, and the frame's place in its sequence.
struct FrameOrigin {
  IpAddress peer;
  MacAddress peer_mac;
  Vrid vrid;
  uint32_t sequence;  // AH; 0: the frame has none
};

// A member of a group with members on several shards is ready to be master, or is not any more.
struct Ready {
  InstanceId instance;
  bool ready;
};

// The state changed. Several changes between two reports are one event, from the first state to the last.
struct Transition {
  InstanceId instance;
  State from;
  State to;
  Reason reason;
  Priority peer_priority;  // of the master last heard
  IpAddress peer;          // the master last heard; unspecified: none
  Instant at;
};

// A frame was rejected. At most one in kNoticeInterval for each instance and reason.
struct Rejected {
  InstanceId instance;
  DropReason drop;
  FrameOrigin frame;
  uint64_t count;  // frames of this instance that ended so, in all
  Instant at;
};

// A frame was accepted, with a remark. At most one in kRemarkInterval for each instance and remark.
struct Remarked {
  InstanceId instance;
  Remark remark;
  FrameOrigin frame;
  uint64_t count;  // frames of this instance with this remark, in all
  Instant at;
};

// While we are master, another host claims a virtual address, at this MAC. At most one in kNoticeInterval for
// each instance.
struct Conflict {
  InstanceId instance;
  IpAddress peer;
  MacAddress peer_mac;
  uint64_t count;
  Instant at;
};
// While we are master, another host asks whether a virtual address is free. At most one in kRemarkInterval.
struct Probed {
  InstanceId instance;
  IpAddress peer;
  MacAddress peer_mac;
  uint64_t count;
  Instant at;
};

// While we are master, an advert of another master was received and outvoted. At most one in kOtherMasterInterval for
// each instance.
struct OtherMaster {
  InstanceId instance;
  IpAddress peer;
  MacAddress peer_mac;
  Priority peer_priority;
  Vrid vrid;
  uint64_t count;
  Instant at;
};

// As master we sent nothing for so long that another router may have become master. At most one in kOtherMasterInterval
// for each instance.
struct Overslept {
  InstanceId instance;
  Nanoseconds late;  // after the advert was due
  uint64_t count;
  Instant at;
};

// So many AH sequence numbers are left (RFC 4302 3.3.2).
struct NumbersLow {
  InstanceId instance;
  uint64_t left;
  Instant at;
};
// An advert waits until command::AllowNumbers allows this number.
struct NumbersWanted {
  InstanceId instance;
  uint64_t number;
};

// The answer to command::Replace: the `wanted` of the command, with the former configuration.
struct Replaced {
  InstanceId instance;
  VirtualRouter* router;  // owned
};
// The answer to command::Remove.
struct Retired {
  InstanceId instance;
  VirtualRouter* router;  // owned
};

// The answers to command::Query and command::ReadWatch.
struct Answered {
  InstanceQuery* query;
};
struct Watched {
  WatchQuery* query;
};

}  // namespace event

using ShardEvent = std::variant<event::Transition, event::Ready, event::Rejected, event::Remarked, event::Conflict,
                                event::Probed, event::OtherMaster, event::Overslept, event::NumbersLow,
                                event::NumbersWanted, event::Replaced, event::Retired, event::Answered, event::Watched>;
static_assert(std::is_trivially_copyable_v<ShardEvent> && sizeof(ShardEvent) % 4 == 0);
static_assert(sizeof(ShardEvent) <= 72);

// Frees what the event owns, if control does not take it. False: it owns nothing.
bool Release(const ShardEvent& event);

template <typename Kind>
bool Is(const ShardEvent& event) {
  return std::holds_alternative<Kind>(event);
}

}  // namespace dpvrrp
