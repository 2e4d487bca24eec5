// SPDX-License-Identifier: BSD-3-Clause
//
// The input is a byte of flags, and the file. The flags repair parts of the file, because no fuzzer guesses a checksum:
//   1   a file of version 2: the first 72 bytes are the header, the others the slots, and the other bytes of the
//       header's page are zero; magic, version, slot size and count are set to match
//   2   the header's checksum                   4   each used slot's key checksum, or each page's checksum
//   8   the boot id                             16  the file is exactly the input after the flags
//   32  with 1: version 1                       128 a file of version 3: the first 104 bytes are the header's, written
//                                                   to both copies; each further 4096 bytes are a block
// 64: the number of further instances for which there must be room.
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
#include "io/state_copier.h"
#include "io/state_image.h"
#include "io/state_records.h"

namespace dpvrrp {
namespace {

using internal::kStateBlock;
using internal::StateContents;
using internal::StateHeader;
using internal::StatePage;
using internal::StateSlot;

constexpr char kBootId[] = "b";

// In memory, if there is such a folder, because files are flushed often. Removed with the process.
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

struct OldHeader {
  std::array<char, 8> magic = internal::kStateMagic;
  uint32_t version = 2;
  uint32_t slot_bytes = 0;
  uint64_t slot_count = 0;
  std::array<char, 40> boot_id{};
  uint64_t checksum = 0;
};

std::string MakeOld(std::string image, int flags) {
  image.resize(std::max(image.size(), sizeof(OldHeader)));
  image.insert(sizeof(OldHeader), kStateBlock - sizeof(OldHeader), '\0');
  OldHeader header;
  std::memcpy(&header.boot_id, image.data() + offsetof(OldHeader, boot_id), sizeof header.boot_id);
  const size_t slot_bytes = (flags & 32) != 0 ? 384 : 448;
  const size_t slots = (image.size() - kStateBlock + slot_bytes - 1) / slot_bytes;
  image.resize(kStateBlock + slots * slot_bytes);
  header.slot_bytes = static_cast<uint32_t>(slot_bytes);
  header.slot_count = slots;
  header.version = (flags & 32) != 0 ? 1 : 2;
  for (size_t i = 0; i < slots && (flags & 4) != 0; ++i) {
    char* slot = image.data() + kStateBlock + i * slot_bytes;
    const uint64_t checksum = internal::Fnv1a(slot, offsetof(StateSlot, key_checksum));
    std::memcpy(slot + offsetof(StateSlot, key_checksum), &checksum, sizeof checksum);
  }
  if ((flags & 8) != 0) header.boot_id = {kBootId[0]};
  if ((flags & 2) != 0) header.checksum = internal::Fnv1a(&header, offsetof(OldHeader, checksum));
  std::memcpy(image.data(), &header, sizeof header);
  return image;
}

std::string MakePages(std::string input, int flags) {
  input.resize(std::max(input.size(), sizeof(StateHeader)));
  StateHeader header;
  std::memcpy(&header, input.data(), sizeof header);
  input.erase(0, sizeof header);
  const size_t pages = input.size() / (2 * kStateBlock) + 1;
  input.resize(pages * 2 * kStateBlock);
  header.magic = internal::kStateMagic;
  header.version = internal::kStateVersion;
  header.slot_bytes = sizeof(StateSlot);
  header.slot_count = pages * internal::kSlotsOfPage;
  if ((flags & 8) != 0) header.boot_id = {kBootId[0]};
  if ((flags & 2) != 0) Seal(header);
  std::string image(2 * kStateBlock, '\0');
  for (const size_t copy : {0, 1}) std::memcpy(image.data() + copy * kStateBlock, &header, sizeof header);
  for (size_t i = 0; i < 2 * pages; ++i) {
    StatePage page;
    std::memcpy(static_cast<void*>(&page), input.data() + i * kStateBlock, sizeof page);
    const bool written = page.generation != 0;
    if (written && (flags & 4) != 0) {
      page.identity = header.identity;
      page.number = i / 2;
      for (StateSlot& slot : page.slots) {
        slot.key_checksum = internal::Fnv1a(&slot, offsetof(StateSlot, key_checksum));
      }
      Seal(page);
    }
    image.append(reinterpret_cast<const char*>(&page), sizeof page);
  }
  return image;
}

std::string MakeImage(std::span<const uint8_t> input) {
  const int flags = input[0];
  std::string image(input.begin() + 1, input.end());
  if ((flags & 16) != 0) return image;
  if ((flags & 128) != 0) return MakePages(std::move(image), flags);
  return (flags & 1) != 0 ? MakeOld(std::move(image), flags) : image;
}

std::string Read(const std::string& path) {
  std::ifstream in(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

absl::StatusOr<StateContents> Check(const std::string& bytes) {
  return internal::ReadState(bytes.size(), [&bytes](uint64_t offset, std::span<uint8_t> into) -> absl::Status {
    if (offset + into.size() > bytes.size()) return absl::DataLossError("truncated");
    std::memcpy(into.data(), bytes.data() + offset, into.size());
    return absl::OkStatus();
  });
}

// Numbers as they must be after opening: the records, `sent` moved ahead after a power loss.
void CheckNumbers(StateRecords& state, const StateContents& contents, bool moved_ahead) {
  for (const StateSlot& slot : contents.slots) {
    const absl::StatusOr<SequenceRecord*> record = state.Acquire({slot.key.data(), slot.key_bytes});
    DPVRRP_CHECK(record.ok());
    const uint64_t sent = slot.record.sent;
    DPVRRP_CHECK((*record)->sent == (moved_ahead ? internal::MovedAhead(slot.record) : sent));
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
  StateOptions options;
  options.instances = 1 + input[0] / 64 % 2;
  options.boot_id = kBootId;
  const absl::StatusOr<StateContents> contents = Check(bytes);
  StateReport report;
  absl::StatusOr<std::unique_ptr<StateCopier>> copier = StateCopier::Open(folder.path(), options, &report);
  if (!contents.ok()) {
    DPVRRP_CHECK(!copier.ok() && copier.status().code() == contents.status().code());
    DPVRRP_CHECK(Read(folder.file()) == bytes);
    return;
  }
  DPVRRP_CHECK(copier.ok());
  size_t used = 0;
  {
    StateRecords state((*copier)->memory());
    CheckNumbers(state, *contents, report.moved_ahead);
    for (size_t i = 0; i < options.instances; ++i) {  // there is room for those
      const absl::StatusOr<SequenceRecord*> record = state.Acquire("new/" + std::to_string(i));
      DPVRRP_CHECK(record.ok());
      (*record)->sent = i;
    }
    used = state.used();
  }
  DPVRRP_CHECK((*copier)->Copy(true).status.ok());
  (*copier)->RemoveMemory();
  copier->reset();
  absl::StatusOr<std::unique_ptr<StateCopier>> again = StateCopier::Open(folder.path(), options, &report);
  DPVRRP_CHECK(again.ok() && report.used == used && !report.moved_ahead);
  (*again)->RemoveMemory();
}

}  // namespace dpvrrp
