// SPDX-License-Identifier: BSD-3-Clause
#include "dataplane/eal_log.h"

#include <rte_log.h>
#include <stdio.h>

#include <algorithm>
#include <utility>

#include "absl/strings/str_split.h"

namespace dpvrrp {
namespace {

// A stdio stream calls this with the text of one rte_log().
ssize_t WriteCookie(void* cookie, const char* bytes, size_t size) {
  const auto& log = *static_cast<const EalLog*>(cookie);
  const int level = std::clamp(rte_log_cur_msg_loglevel() - 1, 0, 7);  // DPDK counts from 1
  for (const absl::string_view line : absl::StrSplit(absl::string_view(bytes, size), '\n', absl::SkipEmpty())) {
    log(level, line);
  }
  return static_cast<ssize_t>(size);
}

}  // namespace

void SendEalLogTo(EalLog log) {
  if (!log) return;
  auto* kept = new EalLog(std::move(log));  // DPDK may log until the process ends
  cookie_io_functions_t functions{};
  functions.write = WriteCookie;
  FILE* stream = fopencookie(kept, "w", functions);
  if (stream == nullptr || rte_openlog_stream(stream) != 0) {
    if (stream != nullptr) fclose(stream);
    delete kept;
  }
}

}  // namespace dpvrrp
