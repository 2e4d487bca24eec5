// SPDX-License-Identifier: BSD-3-Clause
#include "replay/replay_output.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_join.h"
#include "base/count_text.h"
#include "cli/report.h"
#include "cli/words.h"

namespace dpvrrp {
namespace {

// "2026-11-22T14:33:25.373123456Z"
std::string TimeText(Nanoseconds at) {
  const std::string seconds = FormatTime(at / std::chrono::milliseconds(1));  // "2026-11-22T14:33:25.373Z"
  return absl::StrFormat("%s.%09dZ", std::string(seconds.substr(0, 19)), (at % std::chrono::seconds(1)).count());
}

absl::string_view NameOf(DropReason end) { return end == DropReason::kNone ? "accepted" : ToString(end); }

std::string JsonLine(std::vector<Field> fields) {
  return RenderJson(Report{{Section{"", Record{std::move(fields)}}}, ""});
}

}  // namespace

std::string VerdictText(const ReplayedFrame& frame) {
  if (frame.skipped) return "skipped: the interface belongs to no port";
  const DropReason end = frame.how.end;
  std::string text(NameOf(end));
  if (end != DropReason::kNone) {
    absl::StrAppend(&text, ": ", AllDropReasons()[static_cast<size_t>(end)].meaning);
  }
  if (frame.how.to_responder) absl::StrAppend(&text, "; read by the responder");
  for (const RemarkInfo& info : AllRemarks()) {
    if (frame.how.remarks.Has(info.remark)) absl::StrAppend(&text, "; ", info.name, ": ", info.meaning);
  }
  if (frame.packet->original_length > frame.packet->bytes.size()) {
    absl::StrAppend(&text, "; the capture has ", frame.packet->bytes.size(), " of its ", frame.packet->original_length,
                    " bytes");
  }
  return text;
}

ReplayOutput::ReplayOutput(std::vector<std::string> ports, bool json, bool writes, Print print)
    : ports_(std::move(ports)), json_(json), writes_(writes), print_(std::move(print)), pcapng_("dpvrrpd --replay") {
  for (const std::string& port : ports_) pcapng_.AddInterface(port);
}

void ReplayOutput::Add(const std::string& line) {
  constexpr size_t kPiece = 65536;
  text_ += line;
  if (text_.size() >= kPiece) print_(std::exchange(text_, {}));
}

uint32_t ReplayOutput::InterfaceOf(const ReplayedFrame& frame) {
  if (!frame.skipped) {
    return static_cast<uint32_t>(std::find(ports_.begin(), ports_.end(), frame.port) - ports_.begin());
  }
  const auto found = std::find(foreign_.begin(), foreign_.end(), frame.packet->interface);
  const auto place = static_cast<uint32_t>(found - foreign_.begin());
  if (found == foreign_.end()) {
    foreign_.push_back(frame.packet->interface);
    pcapng_.AddInterface(frame.port);
  }
  return static_cast<uint32_t>(ports_.size()) + place;
}

void ReplayOutput::OnFrame(const ReplayedFrame& frame) {
  ++frames_;
  if (frame.skipped) {
    ++skipped_;
  } else {
    ++ends_[static_cast<size_t>(frame.how.end)];
  }
  const std::string verdict = VerdictText(frame);
  const CapturePacket& packet = *frame.packet;
  const std::string of = frame.instance.empty() ? frame.port : absl::StrCat(frame.port, " ", frame.instance);
  if (json_) {
    Add(JsonLine({{"kind", "frame"},
                  {"time", TimeText(packet.at)},
                  {"number", Count(frame.number)},
                  {frame.skipped ? "interface" : "port", frame.port},
                  {"instance", frame.instance.empty() ? Null() : Value(frame.instance)},
                  {"bytes", Count(packet.original_length)},
                  {"captured_bytes", Count(packet.bytes.size())},
                  {"verdict", Text(frame.skipped ? "skipped" : NameOf(frame.how.end))},
                  {"remarks", absl::StrJoin(NamesOf(frame.how.remarks), " ")},
                  {"text", verdict}}));
  } else {
    Add(absl::StrCat(TimeText(packet.at), " #", frame.number, " ", EscapeForTerminal(of), ": ", verdict, "\n"));
  }
  if (!writes_) return;
  const std::string comment = absl::StrCat("dpvrrp: ", frame.instance, frame.instance.empty() ? "" : ": ", verdict);
  pcapng_.Add({.interface = InterfaceOf(frame),
               .at = packet.at,
               .original_length = packet.original_length,
               .outbound = frame.how.end == DropReason::kOwnEcho,
               .comment = comment},
              packet.bytes);
}

void ReplayOutput::OnSent(Nanoseconds at, PortId port, std::span<const uint8_t> frame) {
  ++sent_;
  const std::string& name = ports_[port.value()];
  if (json_) {
    Add(JsonLine({{"kind", "sent"}, {"time", TimeText(at)}, {"port", name}, {"bytes", Count(frame.size())}}));
  } else {
    Add(absl::StrCat(TimeText(at), " sent ", EscapeForTerminal(name), ": ", frame.size(), " bytes\n"));
  }
  if (!writes_) return;
  pcapng_.Add({.interface = port.value(),
               .at = at,
               .original_length = static_cast<uint32_t>(frame.size()),
               .outbound = true,
               .comment = "dpvrrp: sent in the replay"},
              frame);
}

void ReplayOutput::OnEvent(Nanoseconds at, const LogEvent& event) {
  transitions_ += event.kind == "transition" ? 1 : 0;
  if (json_) {
    Add(JsonLine({{"kind", "event"},
                  {"time", TimeText(at)},
                  {"instance", event.instance.empty() ? Null() : Value(event.instance)},
                  {"event", event.kind},
                  {"text", event.text}}));
    return;
  }
  const std::string of = event.instance.empty() ? "" : absl::StrCat(event.instance, ": ");
  Add(absl::StrCat(TimeText(at), " event ", EscapeForTerminal(absl::StrCat(of, event.kind, ": ", event.text)), "\n"));
}

void ReplayOutput::Finish() {
  if (json_) {
    std::vector<Field> fields = {
        {"kind", "summary"}, {"frames", Count(frames_)}, {"sent", Count(sent_)}, {"transitions", Count(transitions_)}};
    for (const DropReasonInfo& info : AllDropReasons()) {
      const size_t count = ends_[static_cast<size_t>(info.reason)];
      if (count > 0) fields.push_back({std::string(NameOf(info.reason)), Count(count)});
    }
    if (skipped_ > 0) fields.push_back({"skipped", Count(skipped_)});
    Add(JsonLine(std::move(fields)));
    print_(std::exchange(text_, {}));
    return;
  }
  absl::StrAppend(&text_, CountText(frames_, "frame"), ":");
  bool first = true;
  for (const DropReasonInfo& info : AllDropReasons()) {
    const size_t count = ends_[static_cast<size_t>(info.reason)];
    if (count > 0) absl::StrAppend(&text_, std::exchange(first, false) ? " " : ", ", count, " ", NameOf(info.reason));
  }
  if (skipped_ > 0) absl::StrAppend(&text_, first ? " " : ", ", skipped_, " skipped");
  absl::StrAppend(&text_, "; ", sent_, " sent, ", CountText(transitions_, "transition"), "\n");
  print_(std::exchange(text_, {}));
}

}  // namespace dpvrrp
