// SPDX-License-Identifier: BSD-3-Clause
#include "capture/capture_reader.h"

#include <algorithm>
#include <bit>
#include <cstddef>
#include <cstring>
#include <optional>
#include <utility>

#include "absl/strings/str_cat.h"
#include "base/status_macros.h"

namespace dpvrrp {
namespace {

constexpr uint32_t kMicroseconds = 0xa1b2c3d4;
constexpr uint32_t kNanoseconds = 0xa1b23c4d;
constexpr uint32_t kSectionHeader = 0x0a0d0d0a;
constexpr uint32_t kByteOrder = 0x1a2b3c4d;
constexpr uint16_t kEthernet = 1;
constexpr uint32_t kMaxPacketBytes = 262144;  // tcpdump's largest snapshot length

constexpr uint64_t kLatestSeconds = 4'000'000'000;  // since 1970: in the year 2096

constexpr uint32_t kInterfaceBlock = 1;
constexpr uint32_t kObsoletePacketBlock = 2;
constexpr uint32_t kSimplePacketBlock = 3;
constexpr uint32_t kEnhancedPacketBlock = 6;
constexpr bool kHostIsLittleEndian = std::endian::native == std::endian::little;
constexpr uint16_t kOptionEnd = 0;
constexpr uint16_t kOptionName = 2;
constexpr uint16_t kOptionResolution = 9;
constexpr uint16_t kOptionOffset = 14;

absl::Status FaultAt(size_t at, absl::string_view what) {
  return absl::InvalidArgumentError(absl::StrCat("byte ", at, ": ", what));
}

// Numbers of the file, in its byte order. The caller checks the bounds.
class Bytes {
 public:
  explicit Bytes(std::span<const uint8_t> data) : data_(data) {}

  void set_swapped(bool swapped) { swapped_ = swapped; }
  bool swapped() const { return swapped_; }
  size_t size() const { return data_.size(); }
  std::span<const uint8_t> at(size_t from, size_t count) const { return data_.subspan(from, count); }
  bool Has(size_t from, size_t count) const { return from <= data_.size() && count <= data_.size() - from; }
  uint32_t Word(size_t from) const {
    uint32_t word = 0;
    std::memcpy(&word, data_.data() + from, sizeof word);
    return swapped_ ? __builtin_bswap32(word) : word;
  }
  uint16_t Half(size_t from) const {
    uint16_t half = 0;
    std::memcpy(&half, data_.data() + from, sizeof half);
    return swapped_ ? __builtin_bswap16(half) : half;
  }

 private:
  std::span<const uint8_t> data_;
  bool swapped_ = false;
};

absl::Status CheckTime(size_t at, Nanoseconds time) {
  if (time <= std::chrono::seconds(kLatestSeconds)) return absl::OkStatus();
  return FaultAt(at, "the time of a frame is not in the years 1970 to 2096");
}

absl::Status CheckLinkType(size_t at, uint32_t type) {
  if (type == kEthernet) return absl::OkStatus();
  const bool is_any = type == 113 || type == 276;  // Linux "cooked" captures
  return FaultAt(at, absl::StrCat("link type ", type, is_any ? " (a capture on the interface any)" : "",
                                  ": must be 1, Ethernet; capture on one interface"));
}

absl::StatusOr<Capture> ParsePcap(Bytes file, bool nanoseconds) {
  if (!file.Has(0, 24)) return FaultAt(file.size(), "the header of the pcap file is cut short");
  DPVRRP_RETURN_IF_ERROR(CheckLinkType(20, file.Word(20) & 0xffff));
  Capture capture;
  capture.interfaces.emplace_back();
  for (size_t at = 24; at < file.size();) {
    if (!file.Has(at, 16)) return FaultAt(at, "the header of the last frame is cut short");
    const uint32_t length = file.Word(at + 8);
    if (length > kMaxPacketBytes) {
      return FaultAt(at + 8, absl::StrCat("a frame of ", length, " bytes: at most ", kMaxPacketBytes));
    }
    if (!file.Has(at + 16, length)) return FaultAt(at, "the last frame is cut short");
    const Nanoseconds part =
        nanoseconds ? Nanoseconds(file.Word(at + 4)) : std::chrono::microseconds(file.Word(at + 4));
    CapturePacket packet;
    packet.at = std::chrono::seconds(file.Word(at)) + part;
    DPVRRP_RETURN_IF_ERROR(CheckTime(at, packet.at));
    packet.original_length = std::max(length, file.Word(at + 12));
    packet.bytes = file.at(at + 16, length);
    capture.packets.push_back(packet);
    at += 16 + length;
  }
  return capture;
}

class PcapngParser {
 public:
  explicit PcapngParser(Bytes file) : file_(file) {}

  absl::StatusOr<Capture> Parse() {
    for (size_t at = 0; at < file_.size();) {
      if (!file_.Has(at, 12)) return FaultAt(at, "the last block is cut short");
      if (file_.Word(at) == kSectionHeader) DPVRRP_RETURN_IF_ERROR(BeginSection(at));
      const uint32_t length = file_.Word(at + 4);
      if (length < 12 || length % 4 != 0) return FaultAt(at + 4, absl::StrCat("a block of ", length, " bytes"));
      if (!file_.Has(at, length)) return FaultAt(at, "the last block is cut short");
      DPVRRP_RETURN_IF_ERROR(TakeBlock(at, length));
      at += length;
    }
    return std::move(capture_);
  }

 private:
  // Of the section. `unit`: ticks in a second.
  struct Interface {
    uint32_t number = 0;  // in the whole capture
    uint64_t unit = 1'000'000;
    int64_t offset_seconds = 0;
  };

  absl::Status BeginSection(size_t at) {
    if (!file_.Has(at, 28)) return FaultAt(at, "the section header is cut short");
    file_.set_swapped(false);
    if (file_.Word(at + 8) != kByteOrder) file_.set_swapped(true);
    if (file_.Word(at + 8) != kByteOrder) return FaultAt(at + 8, "the section header has no byte order");
    if (file_.Half(at + 12) != 1) return FaultAt(at + 12, absl::StrCat("pcapng of version ", file_.Half(at + 12)));
    interfaces_.clear();
    return absl::OkStatus();
  }

  absl::Status TakeBlock(size_t at, uint32_t length) {
    switch (file_.Word(at)) {
      case kInterfaceBlock:
        return TakeInterface(at, length);
      case kEnhancedPacketBlock:
        if (length < 32) return FaultAt(at, "a packet block that is too short");
        return TakePacket(at, length, file_.Word(at + 8));
      case kObsoletePacketBlock:
        if (length < 32) return FaultAt(at, "a packet block that is too short");
        return TakePacket(at, length, file_.Half(at + 8));
      case kSimplePacketBlock:
        return FaultAt(at, "a Simple Packet Block: its frame has no time, so it cannot be replayed");
      default:
        return absl::OkStatus();
    }
  }

  absl::Status TakeInterface(size_t at, uint32_t length) {
    if (length < 20) return FaultAt(at, "an interface block that is too short");
    DPVRRP_RETURN_IF_ERROR(CheckLinkType(at + 8, file_.Half(at + 8)));
    Interface one;
    std::string name;
    const size_t end = at + length - 4;
    for (size_t option = at + 16; option + 4 <= end && file_.Half(option) != kOptionEnd;) {
      const uint16_t code = file_.Half(option);
      const size_t size = file_.Half(option + 2);
      const size_t value = option + 4;
      if (size > end - value) return FaultAt(option, "an option that is longer than its block");
      if (code == kOptionName) name.assign(reinterpret_cast<const char*>(file_.at(value, size).data()), size);
      if (code == kOptionResolution && size >= 1) {
        const std::optional<uint64_t> unit = UnitOf(file_.at(value, 1)[0]);
        if (!unit.has_value()) return FaultAt(value, "a time resolution above a nanosecond");
        one.unit = *unit;
      }
      if (code == kOptionOffset && size >= 8) one.offset_seconds = static_cast<int64_t>(LongAt(value));
      option = value + (size + 3) / 4 * 4;
    }
    one.number = static_cast<uint32_t>(capture_.interfaces.size());
    capture_.interfaces.push_back(std::move(name));
    interfaces_.push_back(one);
    return absl::OkStatus();
  }

  // if_tsresol: a power of 10, or of 2 with the highest bit.
  static std::optional<uint64_t> UnitOf(uint8_t resolution) {
    const unsigned power = resolution & 0x7f;
    if ((resolution & 0x80) != 0) return power > 30 ? std::nullopt : std::optional<uint64_t>(uint64_t{1} << power);
    if (power > 9) return std::nullopt;
    uint64_t unit = 1;
    for (unsigned i = 0; i < power; ++i) unit *= 10;
    return unit;
  }

  uint64_t LongAt(size_t at) const {  // in the byte order of the section
    const uint64_t first = file_.Word(at);
    const uint64_t second = file_.Word(at + 4);
    const bool is_little_endian = file_.swapped() != kHostIsLittleEndian;
    return is_little_endian ? second << 32 | first : first << 32 | second;
  }

  absl::Status TakePacket(size_t at, uint32_t length, uint32_t interface) {
    if (interface >= interfaces_.size())
      return FaultAt(at + 8, absl::StrCat("a frame of interface ", interface, ", which the section has not described"));
    const uint32_t captured = file_.Word(at + 20);
    if (captured > length - 32)
      return FaultAt(at + 20, absl::StrCat("a frame of ", captured, " bytes in a block of ", length));
    const Interface& on = interfaces_[interface];
    const uint64_t ticks = uint64_t{file_.Word(at + 12)} << 32 | file_.Word(at + 16);
    const uint64_t seconds = ticks / on.unit;
    if (seconds > kLatestSeconds || on.offset_seconds < 0 ||
        static_cast<uint64_t>(on.offset_seconds) > kLatestSeconds) {
      return CheckTime(at + 12, Nanoseconds::max());
    }
    CapturePacket packet;
    packet.at = std::chrono::seconds(seconds) + std::chrono::seconds(on.offset_seconds) +
                Nanoseconds((ticks % on.unit) * 1'000'000'000 / on.unit);
    DPVRRP_RETURN_IF_ERROR(CheckTime(at + 12, packet.at));
    packet.interface = on.number;
    packet.original_length = std::max(captured, file_.Word(at + 24));
    packet.bytes = file_.at(at + 28, captured);
    capture_.packets.push_back(packet);
    return absl::OkStatus();
  }

  Bytes file_;
  std::vector<Interface> interfaces_;
  Capture capture_;
};

absl::StatusOr<Capture> ParseAny(std::span<const uint8_t> file) {
  Bytes bytes(file);
  if (!bytes.Has(0, 4)) return FaultAt(0, "the file is too short for a capture");
  if (bytes.Word(0) == kSectionHeader) return PcapngParser(bytes).Parse();
  for (const bool swapped : {false, true}) {
    bytes.set_swapped(swapped);
    if (bytes.Word(0) == kMicroseconds || bytes.Word(0) == kNanoseconds) {
      return ParsePcap(bytes, bytes.Word(0) == kNanoseconds);
    }
  }
  if (file[0] == 0x1f && file[1] == 0x8b) return FaultAt(0, "a compressed file: gunzip it first");
  return FaultAt(0, "neither pcap nor pcapng");
}

}  // namespace

absl::StatusOr<Capture> ParseCapture(std::span<const uint8_t> file) {
  absl::StatusOr<Capture> capture = ParseAny(file);
  if (!capture.ok()) return capture;
  std::stable_sort(capture->packets.begin(), capture->packets.end(),
                   [](const CapturePacket& a, const CapturePacket& b) { return a.at < b.at; });
  return capture;
}

}  // namespace dpvrrp
