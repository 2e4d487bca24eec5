// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <cstdint>

#include "ah/sequence_record.h"

namespace dpvrrp {

// Copies the numbers of `live`, which an lcore may be writing, into `kept`. The two records may belong to different
// names. Afterwards `kept.sent` is at least `ahead` above `live.sent` (AH; the trailer's numbers are the time), and
// every sender's number is the higher one of both. If there are too many senders, those of `live` have precedence.
//
// Thread: the writer of `kept`.
void KeepNumbers(SequenceRecord& live, SequenceRecord& kept, uint32_t ahead);

}  // namespace dpvrrp
