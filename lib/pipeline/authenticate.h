// SPDX-License-Identifier: BSD-3-Clause
//
// Stage 2: is the frame from somebody with the key, and is it new? Two halves with the burst's ICVs between them
// (RFC 4302 3.4.3: look first, verify, only then believe the number).
//
// Thread: owning lcore. Allocates nothing.
#pragma once

#include "base/drop_reason.h"
#include "base/time.h"
#include "crypto/icv_engine.h"
#include "pipeline/classify.h"

namespace dpvrrp {

// Before the ICV: the kind of authentication, its lengths, SPI, sequence number; without AH, type field and password.
// Changes nothing but, when it answers kNone for an AH frame, `job` and the frame: the received ICV moves into the job
// and the fields it does not cover become zero in the frame, which then is the ICV input (RFC 4302 3.3.3.1.1;
// conformance AH-19, AH-20, AH-23).
//
// An AH frame that nobody is expected to send next takes one of `unlikely_allowed`; none left: kUnverified.
DropReason BeginAuthentication(const Candidate& candidate, size_t& unlikely_allowed, IcvJob& job);

// After the ICV: takes the sequence number if `job` matched. Only for AH frames.
DropReason FinishAuthentication(const Candidate& candidate, const IcvJob& job, Instant now);

}  // namespace dpvrrp
