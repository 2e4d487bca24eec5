// SPDX-License-Identifier: BSD-3-Clause
#include "pipeline/heard.h"
#include "pipeline/receive/disposition.h"

namespace dpvrrp {

bool FrameSelection::Selects(const Frame& frame, const Disposition& how) const {
  if (how.end == DropReason::kNotVrrp || how.to_responder) return false;
  if (only_refused && how.end == DropReason::kNone) return false;
  if (!any_port && frame.port != port) return false;
  if (any_vlan && any_sender && vrid == Vrid(0)) return true;
  const Heard heard(frame);
  const SpeakerKey& from = heard.says().key;
  if (!any_vlan && from.vlan != vlan) return false;
  if (!any_sender && from.source != sender) return false;
  return vrid == Vrid(0) || (heard.is_vrrp() && from.vrid == vrid);
}

}  // namespace dpvrrp
