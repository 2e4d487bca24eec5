// SPDX-License-Identifier: BSD-3-Clause
#include "capture/pcapng_writer.h"

#include <algorithm>

namespace dpvrrp {
namespace {

constexpr uint16_t kComment = 1;
constexpr uint16_t kInterfaceName = 2;
constexpr uint16_t kUserApplication = 4;
constexpr uint16_t kFlags = 2;
constexpr uint16_t kTimeResolution = 9;
constexpr uint32_t kInbound = 1;
constexpr uint32_t kOutbound = 2;
constexpr size_t kMaxOption = 65532;  // bytes, a multiple of 4

std::string LittleEndian(uint32_t word) {
  std::string bytes;
  for (int i = 0; i < 4; ++i) bytes += static_cast<char>(word >> (8 * i) & 0xff);
  return bytes;
}

}  // namespace

PcapngWriter::PcapngWriter(absl::string_view program) {
  const size_t block = Begin(0x0a0d0d0a);
  Word(0x1a2b3c4d);
  Half(1);
  Half(0);
  Word(0xffffffff);  // the length of the section is not given
  Word(0xffffffff);
  Option(kUserApplication, program);
  Option(0, "");
  End(block);
}

uint32_t PcapngWriter::AddInterface(absl::string_view name) {
  const size_t block = Begin(1);
  Half(1);  // Ethernet
  Half(0);
  Word(0);  // no limit
  if (!name.empty()) Option(kInterfaceName, name);
  Option(kTimeResolution, absl::string_view("\x09", 1));
  Option(0, "");
  End(block);
  return interfaces_++;
}

void PcapngWriter::Add(const Packet& packet, std::span<const uint8_t> bytes) {
  const size_t block = Begin(6);
  const auto ticks = static_cast<uint64_t>(packet.at.count());
  Word(packet.interface);
  Word(static_cast<uint32_t>(ticks >> 32));
  Word(static_cast<uint32_t>(ticks));
  Word(static_cast<uint32_t>(bytes.size()));
  Word(std::max(packet.original_length, static_cast<uint32_t>(bytes.size())));
  file_.append(reinterpret_cast<const char*>(bytes.data()), bytes.size());
  file_.append((4 - bytes.size() % 4) % 4, '\0');
  if (!packet.comment.empty()) Option(kComment, packet.comment);
  Option(kFlags, LittleEndian(packet.outbound ? kOutbound : kInbound));
  Option(0, "");
  End(block);
}

void PcapngWriter::Word(uint32_t word) { file_ += LittleEndian(word); }

void PcapngWriter::Half(uint16_t half) {
  file_ += static_cast<char>(half & 0xff);
  file_ += static_cast<char>(half >> 8);
}

void PcapngWriter::Option(uint16_t code, absl::string_view value) {
  value = value.substr(0, kMaxOption);
  Half(code);
  Half(static_cast<uint16_t>(value.size()));
  file_.append(value.data(), value.size());
  file_.append((4 - value.size() % 4) % 4, '\0');
}

size_t PcapngWriter::Begin(uint32_t type) {
  const size_t block = file_.size();
  Word(type);
  Word(0);
  return block;
}

// The length stands at both ends of a block.
void PcapngWriter::End(size_t block) {
  const auto length = static_cast<uint32_t>(file_.size() + 4 - block);
  Word(length);
  file_.replace(block + 4, 4, LittleEndian(length));
}

}  // namespace dpvrrp
