// SPDX-License-Identifier: BSD-3-Clause
#include <algorithm>
#include <vector>

#include "base/check.h"
#include "capture/capture_reader.h"
#include "capture/pcapng_writer.h"
#include "fuzz/targets.h"

namespace dpvrrp {

void RunCapture(std::span<const uint8_t> input) {
  const absl::StatusOr<Capture> capture = ParseCapture(input);
  if (!capture.ok()) return;
  PcapngWriter writer("fuzz");
  for (const std::string& name : capture->interfaces) writer.AddInterface(name);
  for (const CapturePacket& packet : capture->packets) {
    DPVRRP_CHECK(packet.interface < capture->interfaces.size() && packet.at >= Nanoseconds(0));
    writer.Add({.interface = packet.interface, .at = packet.at, .original_length = packet.original_length},
               packet.bytes);
  }
  const std::vector<uint8_t> file(writer.file().begin(), writer.file().end());
  const absl::StatusOr<Capture> again = ParseCapture(file);
  DPVRRP_CHECK(again.ok() && again->packets.size() == capture->packets.size());
  for (size_t i = 0; i < capture->packets.size(); ++i) {
    const CapturePacket& before = capture->packets[i];
    const CapturePacket& after = again->packets[i];
    DPVRRP_CHECK(before.at == after.at && before.interface == after.interface);
    DPVRRP_CHECK(before.original_length == after.original_length);
    DPVRRP_CHECK(std::equal(before.bytes.begin(), before.bytes.end(), after.bytes.begin(), after.bytes.end()));
  }
}

}  // namespace dpvrrp
