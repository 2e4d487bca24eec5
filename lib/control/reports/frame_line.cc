// SPDX-License-Identifier: BSD-3-Clause
#include "control/reports/frame_line.h"

#include <algorithm>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/strip.h"
#include "cli/report.h"
#include "config/model.h"
#include "control/journal/event_log.h"
#include "control/reports/report_cells.h"
#include "control/rogues/speaker_text.h"
#include "pipeline/heard.h"

namespace dpvrrp {
namespace {

// "right", "wrong", "not checked"; "": the frame has no authentication by a key.
absl::string_view KeyText(const FrameCopy& copy, const Speaker& says) {
  if (copy.icv == IcvVerdict::kRight) return "right";
  if (copy.icv == IcvVerdict::kWrong) return "wrong";
  return says.has_ah || says.has_trailer ? "not checked" : "";
}

absl::string_view AuthenticationOf(const Speaker& says) {
  if (says.has_ah) return "ah";
  if (says.has_trailer) return "auth_hmac";
  return says.version == 2 && says.auth_type == 1 ? "password" : "none";
}

std::string NumberText(const Heard& heard) {
  const Speaker& says = heard.says();
  if (says.has_ah) return absl::StrCat("AH number ", heard.number());
  if (says.has_trailer) return absl::StrCat("auth_hmac number ", heard.number());
  return says.version == 2 && says.auth_type == 1 ? "password" : "";
}

std::string SegmentText(absl::string_view port, const VlanStack& vlan) {
  return vlan == VlanStack{} ? std::string(port) : absl::StrCat(port, ".", ToString(vlan));
}

std::string ResultText(const FrameCopy& copy, const Speaker& says, bool with_meaning) {
  const absl::string_view key = KeyText(copy, says);
  std::string text = copy.end == DropReason::kNone ? "accepted" : "refused";
  if (!key.empty()) absl::StrAppend(&text, ", key ", key);
  if (copy.end != DropReason::kNone) {
    absl::StrAppend(&text, ": ", ToString(copy.end));
    if (with_meaning) absl::StrAppend(&text, ", ", AllDropReasons()[static_cast<size_t>(copy.end)].meaning);
  }
  const std::vector<absl::string_view> remarks = NamesOf(copy.remarks);
  if (!remarks.empty()) absl::StrAppend(&text, "; ", absl::StrJoin(remarks, ", "));
  return text;
}

// What the advert says, in parts.
std::vector<std::string> SaidIn(const Heard& heard, size_t length) {
  const Speaker& says = heard.says();
  std::vector<std::string> parts;
  if (heard.is_vrrp()) {
    parts = {absl::StrCat("VRRPv", says.version), absl::StrCat("priority ", says.priority.value()),
             absl::StrCat("interval ", SecondsText(says.interval)), absl::StrCat("addresses ", AddressesOf(says))};
  } else {
    parts = {absl::StrCat(length, " bytes without a readable advert")};
  }
  if (std::string number = NumberText(heard); !number.empty()) parts.push_back(std::move(number));
  return parts;
}

std::string VridText(const Heard& heard) {
  return heard.is_vrrp() ? absl::StrCat("VRID ", heard.says().key.vrid.value(), "  ") : "";
}

std::string ShortLine(const FrameCopy& copy, const Heard& heard, absl::string_view segment, absl::string_view time,
                      size_t width) {
  constexpr size_t kDateLetters = sizeof("2026-11-22T") - 1;
  const Speaker& says = heard.says();
  time.remove_prefix(kDateLetters);
  std::string line = absl::StrCat(absl::StripSuffix(time, "Z"), "  ", segment, "  ", VridText(heard),
                                  ToString(says.key.source), "  ", ResultText(copy, says, false));
  std::vector<std::string> parts = SaidIn(heard, copy.length);
  if (heard.is_vrrp()) std::rotate(parts.begin(), parts.begin() + 1, parts.end());  // the version is the least of them
  absl::string_view before = "  ";
  for (const std::string& part : parts) {
    if (line.size() + before.size() + part.size() > width) break;
    absl::StrAppend(&line, std::exchange(before, ", "), part);
  }
  return line;
}

}  // namespace

std::string FrameResult(const FrameCopy& copy) { return ResultText(copy, Heard(copy.frame()).says(), true); }

std::string FrameAsText(const FrameCopy& copy, absl::string_view port, int64_t unix_ms, size_t width) {
  const Heard heard(copy.frame());
  const Speaker& says = heard.says();
  const std::string segment = SegmentText(port, says.key.vlan), time = FormatTime(unix_ms);
  std::string line = absl::StrCat(time, "  ", segment, "  ", VridText(heard), Name(says), "  ",
                                  absl::StrJoin(SaidIn(heard, copy.length), ", "), "  ", ResultText(copy, says, true));
  if (width > 0 && line.size() > width) line = ShortLine(copy, heard, segment, time, width);
  return absl::StrCat(line, "\n");
}

std::string FrameAsJson(const FrameCopy& copy, absl::string_view port, int64_t unix_ms) {
  const Heard heard(copy.frame());
  const Speaker& says = heard.says();
  const auto if_read = [&](Value value) { return heard.is_vrrp() ? std::move(value) : Null(); };
  const auto text = [](absl::string_view t) { return t.empty() ? Null() : Text(t); };
  const bool numbered = says.has_ah || says.has_trailer;
  Record record;
  record.fields = {
      {"time", Text(FormatTime(unix_ms))},
      {"port", Text(port)},
      {"vlan", Text(ToString(says.key.vlan))},
      {"vrid", if_read(Number(says.key.vrid.value()))},
      {"source", Text(ToString(says.key.source))},
      {"mac", Text(ToString(says.key.mac))},
      {"destination", Text(ToString(says.destination))},
      {"bytes", Number(copy.length)},
      {"version", if_read(Number(says.version))},
      {"priority", if_read(Number(says.priority.value()))},
      {"interval", if_read(ExactSeconds(says.interval))},
      {"addresses", if_read(Text(AddressesOf(says)))},
      {"authentication", if_read(Text(AuthenticationOf(says)))},
      {"spi", says.has_ah ? SpiCell(says.spi) : Null()},
      {"number", numbered ? Count(heard.number()) : Null()},
      {"accepted", copy.end == DropReason::kNone},
      {"reason", copy.end == DropReason::kNone ? Null() : Text(ToString(copy.end))},
      {"key", text(KeyText(copy, says))},
      {"remarks", text(absl::StrJoin(NamesOf(copy.remarks), ", "))},
  };
  return RenderJson(Report{{Section{"", std::move(record)}}, ""});
}

}  // namespace dpvrrp
