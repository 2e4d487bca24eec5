// SPDX-License-Identifier: BSD-3-Clause
#include "pipeline/receive/frame_copy.h"

#include <algorithm>
#include <cstring>

namespace dpvrrp {

FrameCopy::FrameCopy(const Frame& frame, const Disposition& how, Instant now)
    : at(now),
      length(frame.length),
      copied(static_cast<uint16_t>(std::min<size_t>(frame.length, kBytes))),
      port(frame.port),
      stripped(frame.stripped),
      end(how.end),
      icv(how.icv),
      remarks(how.remarks) {
  std::memcpy(bytes.data(), frame.data, copied);
}

}  // namespace dpvrrp
