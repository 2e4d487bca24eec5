// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "capture/pcapng_writer.h"
#include "replay/replay.h"

namespace dpvrrp {

// "accepted", "replayed: sequence number already seen (RFC 4302 3.4.3)", with the remarks of an accepted advert, and
// with a note if the capture cut the frame.
std::string VerdictText(const ReplayedFrame& frame);

// The output of a replay, a line for each frame, each sent frame and each event, and a summary:
//
//   2026-11-22T14:33:25.373123456Z #12 lan gw: replayed: sequence number already seen (RFC 4302 3.4.3)
//   2026-11-22T14:33:28.983000000Z event gw: transition: Backup -> Master (master-timeout)
//   2026-11-22T14:33:28.983000000Z sent lan: 78 bytes
//
// A frame of an interface that belongs to no port is `skipped`. In JSON each line is an object. A pcapng file has the
// frames of the capture, with their verdicts as comments, and the frames that would have been sent, as outbound frames
// of the same interfaces.
//
// Thread: one.
class ReplayOutput : public ReplaySink {
 public:
  using Print = std::function<void(const std::string& text)>;

  // `ports`: the names of the configuration's ports. `writes`: also makes the pcapng file. `print` takes the lines,
  // many at a time.
  ReplayOutput(std::vector<std::string> ports, bool json, bool writes, Print print);

  void OnFrame(const ReplayedFrame& frame) override;
  void OnSent(Nanoseconds at, PortId port, std::span<const uint8_t> frame) override;
  void OnEvent(Nanoseconds at, const LogEvent& event) override;
  // The summary. Nothing may follow.
  void Finish();

  const std::string& pcapng() const { return pcapng_.file(); }

 private:
  void Add(const std::string& line);
  uint32_t InterfaceOf(const ReplayedFrame& frame);  // of the pcapng file

  std::vector<std::string> ports_;
  bool json_;
  bool writes_;
  Print print_;
  PcapngWriter pcapng_;
  std::string text_;
  std::vector<uint32_t> foreign_;  // interfaces of the capture that belong to no port, after the ports in the file
  size_t frames_ = 0;
  size_t skipped_ = 0;
  size_t sent_ = 0;
  size_t transitions_ = 0;
  std::array<size_t, kDropReasonCount> ends_{};
};

}  // namespace dpvrrp
