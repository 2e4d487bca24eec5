// SPDX-License-Identifier: BSD-3-Clause
//
// How our own AH numbers continue if the record alone is not enough: after a power loss, and after a time in which we
// could not hear the group.
//
// Power loss. The disk's record may be old, and by the keepalived rule `sent` may have jumped since by any amount. So
// numbers are reserved. Control raises record.wanted and waits, without blocking, until the disk has the record. Then
// it raises record.reserved and lets the lcore use numbers up to it. After a power loss numbers continue above both
// (io/state_image.h). Control reserves far ahead. So an lcore waits only if the instance is new, or if it must follow a
// jump that control has not seen yet.
//
// Absence. An owner (priority 255) sends before it has listened. Under the keepalived rule the group's numbers have
// grown while the owner was away, and keepalived refuses a number below them. Such a number also silences keepalived,
// so that neither router hears the other. So an owner's numbers continue at the number that the group may have reached
// (docs/decisions/0012).
#pragma once

#include <cstdint>

#include "ah/sequence_record.h"
#include "base/time.h"

namespace dpvrrp {

// The amount of numbers reserved at once. More are reserved when half of them are used. At one advert a second this is
// one write to the disk in six days; at the fastest interval of 10 ms, one in 83 minutes.
inline constexpr uint32_t kReserveAhead = 1'000'000;

// The highest number of the record: the number we sent and, with `follows_group` (our numbers continue above those of
// others), the highest number heard. The last possible number is not counted, because nothing can be sent above it.
//
// Thread: control, also while an lcore has the record.
uint64_t Reached(SequenceRecord& record, bool follows_group);

// Raises record.wanted if less than half of kReserveAhead is left above `reached`. Returns whether it did. If so, the
// caller must write the record to the disk and then call Reserved().
//
// Thread: control, also while an lcore has the record.
bool ReserveAhead(SequenceRecord& record, uint64_t reached);

// Reports that the disk has the record with this value of record.wanted, or a higher one. Numbers up to it are
// reserved.
//
// Thread: control, also while an lcore has the record.
void Reserved(SequenceRecord& record, uint32_t wanted);

// The number that a group may have reached `away` after it was at `last`, if one router advertises every `interval`.
// Returns `last` if `last` is 0 (unknown) or if `away` is shorter than an interval. The result includes a reserve for
// changes of master, each of which takes an advert or two out of turn. It advances by at most 1/64 of the remaining
// numbers, which is two years at one a second. So even a clock that is wrong by decades, a hundred times, leaves a
// fifth of the numbers.
uint64_t AfterAbsence(uint64_t last, Nanoseconds away, Nanoseconds interval);

// The same for a record that is to be served again, by record.left_at. Does nothing if that time is unknown or later
// than `unix_seconds`: numbers never decrease. Returns by how much record.sent was raised.
//
// Thread: control, before it passes the record to an lcore.
uint64_t CatchUpWithGroup(SequenceRecord& record, int64_t unix_seconds, Nanoseconds interval);

}  // namespace dpvrrp
