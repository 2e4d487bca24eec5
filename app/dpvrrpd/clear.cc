// SPDX-License-Identifier: BSD-3-Clause
#include "clear.h"

#include <algorithm>
#include <chrono>
#include <optional>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "base/count_text.h"
#include "io/clock.h"
#include "io/control_client.h"
#include "io/handover_file.h"
#include "kernel/clear_marks.h"

namespace dpvrrp {
namespace {

constexpr Nanoseconds kPatience = std::chrono::seconds(10);  // for the kernel's answers, which take microseconds
constexpr size_t kMaxNames = 10;

void AppendNames(std::string& line, absl::string_view noun, const std::vector<std::string>& names) {
  if (names.empty()) return;
  const auto end = names.begin() + static_cast<std::ptrdiff_t>(std::min(names.size(), kMaxNames));
  absl::StrAppend(&line, line.empty() ? "removed " : ", ", CountText(names.size(), noun), " (",
                  absl::StrJoin(names.begin(), end, ", "), names.size() > kMaxNames ? ", …)" : ")");
}

}  // namespace

absl::StatusOr<std::string> Clear(const std::string& control_socket, const std::string& state_directory) {
  // A daemon that does not answer in time may be stopped (SIGSTOP) and continue later.
  const absl::Status connected = ControlClient::Connect(control_socket, kPatience).status();
  if (!absl::IsUnavailable(connected)) {
    return absl::FailedPreconditionError(absl::StrCat("a daemon is running and listens at ", control_socket,
                                                      "; it removes its addresses itself when it stops"));
  }
  const std::optional<Instant> end = HandoverFile::EndOf(state_directory);
  if (end.has_value() && *end > MonotonicNow()) {
    return absl::StrCat("kept what `handover` left to the next start, for another ",
                        std::chrono::ceil<std::chrono::milliseconds>(*end - MonotonicNow()).count(), " ms");
  }
  const ClearedMarks cleared = ClearMarks(kPatience);
  if (!cleared.status.ok()) return cleared.status;
  std::string line;
  AppendNames(line, "virtual-MAC device", cleared.devices);
  AppendNames(line, "virtual IP", cleared.addresses);
  AppendNames(line, "route or rule", cleared.routing);
  return line.empty() ? "nothing to clear" : line;
}

}  // namespace dpvrrp
