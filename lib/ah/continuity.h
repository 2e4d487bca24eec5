// SPDX-License-Identifier: BSD-3-Clause
//
// How our own AH numbers go on where the record alone does not tell: after a power loss, and after a time in which we
// could not hear the group.
//
// Power loss. The disk's record may be old, and by the keepalived rule `sent` may have jumped since by any amount. So
// numbers are reserved: record.reserved is raised, made durable, and only then may the lcore use numbers up to it.
// After a power loss they go on above it (io/state_file.h). That is done far ahead, so an lcore hardly ever waits for
// it: only when it is to follow a jump that control has not seen yet.
//
// Absence. An owner (priority 255) speaks before it has listened. Under the keepalived rule the group's numbers have
// gone on while it was away, and what lies behind them is refused: by keepalived, which is silenced by that as well, so
// that neither hears the other. So an owner's numbers go on where the group's may be by now (docs/decisions/0012).
#pragma once

#include <cstdint>

#include "ah/sequence_record.h"
#include "base/time.h"

namespace dpvrrp {

// So many numbers are reserved at once; more when half of them are used. At an advert a second that is one write to the
// disk in six days, at the fastest interval of 10 ms one in 83 minutes.
inline constexpr uint32_t kReserveAhead = 1'000'000;

// The highest number of the record: what we sent and, if we count on from what others send (`follows_group`), what was
// heard; but for the very last number, above which nothing can be sent.
//
// Thread: control, also while an lcore has the record.
uint64_t Reached(SequenceRecord& record, bool follows_group);

// Raises record.reserved if less than half of kReserveAhead is left above `reached`. Returns whether it did: the record
// is then to be made durable, and its lcore told.
//
// Thread: control, also while an lcore has the record.
bool ReserveAhead(SequenceRecord& record, uint64_t reached);

// The number that a group may have come to in which one router advertises every `interval`, `away` after it was at
// `last`. `last` itself if that is 0, nothing being known, or if it is not away for an interval. Some more than the
// pace makes, for changes of master: each takes an advert or two out of turn. At most 1/64 of all that are left, which
// is two years at one a second: so a clock that is wrong by decades, a hundred times, still leaves a fifth of the
// numbers.
uint64_t AfterAbsence(uint64_t last, Nanoseconds away, Nanoseconds interval);

// The same for a record that is to be served again, by record.left_at; nothing if it is not known, or later than
// `unix_seconds`: numbers do not go back. Returns by how much record.sent was moved.
//
// Thread: control, before it hands the record to an lcore.
uint64_t CatchUpWithGroup(SequenceRecord& record, int64_t unix_seconds, Nanoseconds interval);

}  // namespace dpvrrp
