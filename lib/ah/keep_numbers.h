// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <cstdint>

#include "ah/sequence_record.h"

namespace dpvrrp {

// Remembers in `kept` what `live` says, which an lcore may be writing: for numbers that were heard and sent under
// another name, too. `kept.sent` is afterwards above `live.sent` by `ahead` at least (AH; the trailer's numbers are the
// time), every mark as high as the higher one; if there are too many senders, those of `live` are remembered first.
//
// Thread: the writer of `kept`.
void KeepNumbers(SequenceRecord& live, SequenceRecord& kept, uint32_t ahead);

}  // namespace dpvrrp
