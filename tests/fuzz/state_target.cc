// SPDX-License-Identifier: BSD-3-Clause
//
// The input is a byte of flags, and the file: its first 72 bytes are the header, the others the slots, the rest of the
// header's page being zero. The flags put in order, because no fuzzer guesses a checksum:
//   1  magic, version, slot size and count as there are slots   2  the header's checksum
//   4  each used slot's key checksum                            8  the boot id
//   16 the file is exactly the input behind the flags          32  1 makes it a file of format version 1
// and the two highest bits are how many instances more there shall be room for.
#include <stdlib.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>

#include "base/check.h"
#include "fuzz/targets.h"
#include "io/state_file.h"
#include "io/state_image.h"

namespace dpvrrp {
namespace {

using internal::StateFileBytes;
using internal::StateHeader;
using internal::StateSlot;

constexpr char kBootId[] = "b";

// In memory, where there is such a place: files are flushed often. Gone with the process.
class Folder {
 public:
  Folder() {
    std::error_code none;
    std::string name = std::filesystem::is_directory("/dev/shm", none) ? "/dev/shm" : "/tmp";
    name += "/dpvrrp-fuzz-XXXXXX";
    DPVRRP_CHECK(mkdtemp(name.data()) != nullptr);
    path_ = name;
  }
  ~Folder() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
  }
  const std::string& path() const { return path_; }
  std::string file() const { return path_ + "/sequences"; }

 private:
  std::string path_;
};

// As state_image.cc has it, written again.
uint64_t Fnv1a(const void* data, size_t bytes) {
  uint64_t hash = 14695981039346656037u;
  for (size_t i = 0; i < bytes; ++i) hash = (hash ^ static_cast<const uint8_t*>(data)[i]) * 1099511628211u;
  return hash;
}

std::string MakeImage(std::span<const uint8_t> input) {
  const int flags = input[0];
  input = input.subspan(1);
  std::string image(input.begin(), input.end());
  if ((flags & 16) != 0) return image;
  image.resize(std::max(image.size(), sizeof(StateHeader)));
  image.insert(sizeof(StateHeader), StateFileBytes(0) - sizeof(StateHeader), '\0');
  StateHeader header;
  std::memcpy(&header, image.data(), sizeof header);
  if ((flags & 1) != 0) {
    const size_t slot_bytes = (flags & 32) != 0 ? sizeof(internal::StateSlotV1) : sizeof(StateSlot);
    const size_t slots = (image.size() - StateFileBytes(0) + slot_bytes - 1) / slot_bytes;
    image.resize(StateFileBytes(0) + slots * slot_bytes);
    const std::array<char, 40> boot_id = header.boot_id;
    header = internal::MakeStateHeader(slots, "");
    header.boot_id = boot_id;
    header.slot_bytes = static_cast<uint32_t>(slot_bytes);
    if ((flags & 32) != 0) header.version = 1;
    for (size_t i = 0; i < slots && (flags & 4) != 0; ++i) {
      char* slot = image.data() + StateFileBytes(0) + i * slot_bytes;
      const uint64_t checksum = Fnv1a(slot, offsetof(StateSlot, key_checksum));
      std::memcpy(slot + offsetof(StateSlot, key_checksum), &checksum, sizeof checksum);
    }
  }
  if ((flags & 8) != 0) header.boot_id = {kBootId[0]};
  if ((flags & 2) != 0) header.checksum = Fnv1a(&header, offsetof(StateHeader, checksum));
  std::memcpy(image.data(), &header, sizeof header);
  return image;
}

std::string Read(const std::string& path) {
  std::ifstream in(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

std::span<const uint8_t> View(const std::string& bytes) {
  return {reinterpret_cast<const uint8_t*>(bytes.data()), bytes.size()};
}

// Numbers as they must be after opening: the records, `sent` moved ahead if the boot was another.
void CheckNumbers(StateFile& state, const internal::StateImage& image, const std::string& bytes) {
  for (const auto& [key, index] : image.index) {
    const StateSlot slot = internal::ReadStateSlot(View(bytes), image.version, index);
    const absl::StatusOr<SequenceRecord*> record = state.Acquire(key);
    DPVRRP_CHECK(record.ok());
    const uint64_t sent = slot.record.sent;
    DPVRRP_CHECK((*record)->sent == (image.boot_id == kBootId ? sent : internal::MovedAhead(slot.record)));
    DPVRRP_CHECK((*record)->sent >= sent);
    DPVRRP_CHECK(std::memcmp(&(*record)->senders, &slot.record.senders, sizeof slot.record.senders) == 0);
  }
}

}  // namespace

void RunState(std::span<const uint8_t> input) {
  if (input.empty()) return;
  static const Folder folder;
  const std::string bytes = MakeImage(input);
  std::ofstream(folder.file(), std::ios::binary | std::ios::trunc) << bytes;
  StateFileOptions options;
  options.instances = 1 + input[0] / 64;
  options.boot_id = kBootId;
  const absl::StatusOr<internal::StateImage> image = internal::CheckStateImage(View(bytes));
  absl::StatusOr<std::unique_ptr<StateFile>> state = StateFile::Open(folder.path(), options, nullptr);
  if (!image.ok()) {
    DPVRRP_CHECK(!state.ok() && state.status().code() == image.status().code());
    DPVRRP_CHECK(Read(folder.file()) == bytes);
    return;
  }
  DPVRRP_CHECK(state.ok());
  CheckNumbers(**state, *image, bytes);
  for (size_t i = 0; i < options.instances; ++i) {  // there is room for those
    const absl::StatusOr<SequenceRecord*> record = (*state)->Acquire("new/" + std::to_string(i));
    DPVRRP_CHECK(record.ok());
    (*record)->sent = i;
  }
  const size_t used = (*state)->used();
  state->reset();
  StateFileReport report;
  const absl::StatusOr<std::unique_ptr<StateFile>> again = StateFile::Open(folder.path(), options, &report);
  DPVRRP_CHECK(again.ok() && report.used == used && !report.other_boot);
}

}  // namespace dpvrrp
