// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>

#include "absl/strings/string_view.h"
#include "base/drop_reason.h"
#include "cli/report.h"
#include "control/instances/registry.h"
#include "pipeline/receive/frame_copy.h"

namespace dpvrrp {

// The checks of a received frame, in the order in which a frame passes them.
enum class TraceStage : uint8_t { kEthernet, kIp, kMessage, kInstance, kAuthentication, kNumber, kIcv, kAgreement };
inline constexpr size_t kTraceStages = 8;

// The stage of the check that a frame with this end did not pass. kNone: the last one. A destination, TTL, source or
// version that does not fit the instance is a matter of `ip` and `message`, although the instance is known by then.
TraceStage StageOf(DropReason end);

// One received frame through every check: a row for each stage with what it read, the result ("ok", "refused", "not
// reached", or nothing: a frame without cryptographic authentication has no number and no ICV), and a last row with
// what the instance does. `instance`: of ours that the frame is for; null: none. Its state is the present one, so it
// may be that after the frame.
//
// Thread: any (pure).
Report TraceReport(const FrameCopy& copy, absl::string_view port, const ManagedInstance* instance, int64_t unix_ms);

// The trace as text for a screen of this width (0: no limit), or as one line of JSON.
std::string TraceAs(const FrameCopy& copy, absl::string_view port, const Registry& registry, int64_t unix_ms, bool json,
                    size_t width);

// The instance of ours with the VRID and the family of the frame on its segment; null: none. It looks at all of them.
const ManagedInstance* AddressedBy(const FrameCopy& copy, const Registry& registry);

}  // namespace dpvrrp
