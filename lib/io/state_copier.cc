// SPDX-License-Identifier: BSD-3-Clause
#include "io/state_copier.h"

#include <fcntl.h>
#include <poll.h>
#include <sys/random.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <cerrno>
#include <cstring>

#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "base/status_macros.h"

namespace dpvrrp {
namespace {

using internal::StateContents;
using internal::StateHeader;
using internal::StatePage;

constexpr const char* kBootIdPath = "/proc/sys/kernel/random/boot_id";
constexpr const char* kAdvice =
    "; move it away to start with new sequence numbers. Peers that remember higher numbers then refuse our adverts "
    "until our numbers are higher or the peers forget ours";

absl::Status Named(const std::string& path, const absl::Status& status) {
  return absl::Status(status.code(), absl::StrCat(path, ": ", status.message(), kAdvice));
}

absl::StatusOr<std::string> ReadBootId() {
  const UniqueFd fd(open(kBootIdPath, O_RDONLY | O_CLOEXEC));
  std::array<char, 40> text{};
  const ssize_t got = fd.valid() ? read(fd.get(), text.data(), text.size()) : -1;
  if (got <= 0) return absl::ErrnoToStatus(errno, kBootIdPath);
  return std::string(absl::StripTrailingAsciiWhitespace({text.data(), static_cast<size_t>(got)}));
}

absl::StatusOr<uint64_t> NewIdentity() {
  uint64_t identity = 0;
  if (getrandom(&identity, sizeof(identity), 0) != sizeof(identity)) return absl::ErrnoToStatus(errno, "getrandom");
  return std::max<uint64_t>(identity, 1);
}

template <typename Word>
Word Load(Word& word) {
  return std::atomic_ref<Word>(word).load(std::memory_order_acquire);
}

std::string BootOf(const StateHeader& header) {
  return std::string(header.boot_id.data(), strnlen(header.boot_id.data(), header.boot_id.size()));
}

void SetBoot(StateHeader& header, const std::string& boot_id) {
  header.boot_id = {};
  std::copy_n(boot_id.begin(), std::min(boot_id.size(), header.boot_id.size()), header.boot_id.begin());
}

absl::Status InUse(const std::string& directory) {
  return absl::FailedPreconditionError(
      absl::StrCat(directory, ": in use by another daemon: set another state_directory for this one"));
}

// A copier outlives its daemon until everything is written. It is then the memory's only user, and removes the memory
// last.
absl::StatusOr<std::unique_ptr<StateFolder>> OpenFolder(const std::string& directory) {
  constexpr int kTries = 50;
  constexpr int kWaitMs = 10;
  for (int i = 0; i < kTries; ++i) {
    absl::StatusOr<std::unique_ptr<StateFolder>> folder = StateFolder::Open(directory);
    if (!absl::IsUnavailable(folder.status())) return folder;
    if (const std::optional<StateMemory> memory = StateMemory::Find(directory)) {
      if (memory->Others() != 1) return InUse(directory);
      return absl::UnavailableError(absl::StrCat(directory, ": the state of the last run is still being written"));
    }
    poll(nullptr, 0, kWaitMs);
  }
  return InUse(directory);
}

// The capacity with room for `wanted` new keys.
absl::StatusOr<size_t> CapacityFor(const StateContents& contents, bool created, size_t wanted) {
  size_t capacity = created ? 2 * wanted : std::max<size_t>(contents.header.slot_count, 1);
  while (capacity < contents.slots.size() + wanted && capacity <= kMaxStateSlots) capacity *= 2;
  if (capacity <= kMaxStateSlots) return capacity;
  return absl::ResourceExhaustedError(
      absl::StrCat(contents.slots.size(), " slots used and ", wanted, " more wanted, at most ", kMaxStateSlots));
}

// Recovers the memory of the last run, if it was killed together with its copier: writes the memory to the file, as the
// copier would have done. If the file was lost while that run was alive, it is made again.
absl::StatusOr<bool> Recover(const std::string& directory, const std::string& boot_id, StateFolder& folder,
                             const absl::StatusOr<StateContents>& contents) {
  std::optional<StateMemory> memory = StateMemory::Find(directory);
  if (!memory) return false;
  if (memory->Others() > 0) return InUse(directory);  // in use by a daemon whose copier was killed
  const bool lost = !contents.ok() && memory->header().file_lost != 0;
  if (!lost && (!contents.ok() || contents->header.identity != memory->header().identity)) {
    memory->Remove();  // it belongs to another file
    return false;
  }
  StateHeader header;
  std::vector<uint64_t> generations;
  if (contents.ok()) {
    header = contents->header;
    generations = contents->generations;
  }
  header.identity = memory->header().identity;
  SetBoot(header, boot_id);  // the memory is of this boot
  if (contents.ok() && header.slot_count != memory->slots()) {
    memory->Remove();
    return false;
  }
  header.slot_count = memory->slots();
  StateCopier copier(folder, *std::move(memory), header, std::move(generations));
  if (lost) copier.Renew();
  const StateCopier::Outcome outcome = copier.Copy(true);
  if (!outcome.status.ok()) return outcome.status;
  copier.RemoveMemory();
  return true;
}

// If the last run ended without a clean shutdown, the instances that it served were last served then.
void NoteLeaving(StateContents& contents) {
  const int64_t at = contents.header.unix_seconds;
  if (at <= 0 || at > UINT32_MAX) return;
  for (internal::StateSlot& slot : contents.slots) {
    if (slot.record.left_at == 0) slot.record.left_at = static_cast<uint32_t>(at);
  }
}

void Prepare(StateContents& contents, bool move_ahead) {
  NoteLeaving(contents);
  for (internal::StateSlot& slot : contents.slots) {
    SequenceRecord& record = slot.record;
    if (move_ahead) record.sent = internal::MovedAhead(record);
    record.reserved = record.wanted = std::max(record.reserved, record.wanted);  // the disk stores it before any use
  }
}

absl::StatusOr<StateMemory> Fill(const std::string& directory, const StateContents& contents,
                                 std::string* why_private) {
  absl::StatusOr<StateMemory> memory =
      StateMemory::Create(directory, contents.header.identity, contents.header.slot_count, why_private);
  if (!memory.ok()) return memory;
  for (size_t i = 0; i < contents.slots.size(); ++i) memory->slot(i) = contents.slots[i];
  // The slots are compacted, so the last pages of the file may be empty now. These must be written too.
  const auto is_there = [](uint64_t generation) { return generation != 0; };
  const auto last = std::find_if(contents.generations.rbegin(), contents.generations.rend(), is_there);
  memory->header().pages = std::max<uint64_t>(internal::PagesFor(contents.slots.size()),
                                              static_cast<uint64_t>(contents.generations.rend() - last));
  memory->header().unix_seconds = contents.header.unix_seconds;
  return memory;
}

}  // namespace

std::string ToString(const StateReport& report) {
  std::string line = absl::StrCat(report.path, ": ", report.used, " of ", report.capacity, " slots used");
  if (report.created) absl::StrAppend(&line, "; new file, sequence numbers begin at zero");
  if (report.converted) absl::StrAppend(&line, "; rewritten in this release's format");
  if (report.grown) absl::StrAppend(&line, "; grown");
  if (report.recovered) absl::StrAppend(&line, "; written from the memory of the last run, which was killed");
  if (report.damaged > 0) {
    absl::StrAppend(&line, "; ", report.damaged, " damaged blocks were read from their older copies");
  }
  if (report.moved_ahead) {
    absl::StrAppend(&line,
                    "; the system or the disk stopped since it was last used: AH sequence numbers moved ahead by ",
                    kPowerLossGap, " or more");
  }
  return line;
}

absl::StatusOr<std::unique_ptr<StateCopier>> StateCopier::Open(const std::string& directory,
                                                               const StateOptions& options, StateReport* report) {
  std::string boot_id = options.boot_id;
  if (boot_id.empty()) {
    DPVRRP_ASSIGN_OR_RETURN(boot_id, ReadBootId());
  }
  DPVRRP_ASSIGN_OR_RETURN(std::unique_ptr<StateFolder> folder, OpenFolder(directory));
  StateReport found;
  found.path = folder->path();

  absl::StatusOr<StateContents> contents = folder->Read();
  DPVRRP_ASSIGN_OR_RETURN(found.recovered, Recover(directory, boot_id, *folder, contents));
  if (found.recovered) contents = folder->Read();
  if (absl::IsNotFound(contents.status())) {
    contents = StateContents{};
    found.created = true;
  }
  if (!contents.ok()) return Named(found.path, contents.status());

  const absl::StatusOr<size_t> capacity = CapacityFor(*contents, found.created, std::max<size_t>(options.instances, 1));
  if (!capacity.ok())
    return absl::Status(capacity.status().code(), absl::StrCat(found.path, ": ", capacity.status().message()));
  StateHeader& header = contents->header;
  found.damaged = contents->damaged;
  found.converted = !found.created && header.version != internal::kStateVersion;
  found.grown = !found.created && *capacity != header.slot_count;
  const bool closed = found.converted || header.closed != 0;  // an older release's file is complete within a boot
  found.moved_ahead = !found.created && (BootOf(header) != boot_id || !closed || found.damaged > 0);
  found.used = contents->slots.size();
  found.capacity = *capacity;
  Prepare(*contents, found.moved_ahead);

  // No later write would replace a damaged block of a page that is not in use, and later it would look like damage of
  // the page.
  const bool renew = found.created || found.converted || found.grown || found.damaged > 0 || contents->torn;
  header.version = internal::kStateVersion;
  header.slot_bytes = sizeof(internal::StateSlot);
  header.slot_count = *capacity;
  SetBoot(header, boot_id);
  if (header.identity == 0) {
    DPVRRP_ASSIGN_OR_RETURN(header.identity, NewIdentity());
  }
  DPVRRP_ASSIGN_OR_RETURN(StateMemory memory, Fill(directory, *contents, &found.why_private));
  std::unique_ptr<StateCopier> copier(
      new StateCopier(*folder, std::move(memory), header, std::move(contents->generations)));
  copier->folder_ = std::move(folder);
  copier->renew_ = renew;
  const Outcome outcome = copier->Copy(false);
  if (!outcome.status.ok()) {
    copier->RemoveMemory();
    return outcome.status;
  }
  if (report != nullptr) *report = found;
  return copier;
}

StateCopier::StateCopier(StateDisk& disk, StateMemory memory, StateHeader header, std::vector<uint64_t> generations)
    : disk_(disk), memory_(std::move(memory)), header_(header), pages_(internal::PagesFor(memory_.slots())) {
  for (size_t i = 0; i < std::min(generations.size(), pages_.size()); ++i) pages_[i].generation = generations[i];
}

StateCopier::Outcome StateCopier::Copy(bool last) {
  Outcome outcome;
  outcome.generation = Load(memory_.header().wanted);  // before any record is read
  if (!renew_) {
    outcome.found = Inspect();
    renew_ = !outcome.found.ok();
  }
  if (renew_) {
    for (Page& page : pages_) page.checksum = 0;
    outcome.status = disk_.Renew(internal::StateFileBytes(memory_.slots()));
    // Writes both copies of the header, because a missing copy would look like a damaged one.
    if (outcome.status.ok()) outcome.status = WriteHeader(last);
    if (outcome.status.ok()) ++header_.generation;
  }
  if (outcome.status.ok()) outcome.status = WritePages();
  if (outcome.status.ok()) outcome.status = WriteHeader(last);
  if (outcome.status.ok()) outcome.status = disk_.Sync();
  const bool has_new_pages = Settle(outcome.status.ok());
  if (outcome.status.ok() && last && has_new_pages) {  // no further header follows
    outcome.status = WriteHeader(last);
    if (outcome.status.ok()) outcome.status = disk_.Sync();
    Settle(outcome.status.ok());
  }
  std::atomic_ref<uint64_t>(memory_.header().file_lost).store(renew_ ? 1 : 0);
  return outcome;
}

// Damage that leaves no trace in the file's attributes is found by reading the file at intervals.
absl::Status StateCopier::Inspect() {
  constexpr uint32_t kReadEvery = 60;
  const absl::Status seen = disk_.Inspect();
  const bool may_differ = absl::IsAborted(seen) || (seen.ok() && ++copies_ >= kReadEvery);
  if (!may_differ) return seen;
  copies_ = 0;
  return CheckContents();
}

absl::Status StateCopier::CheckContents() {
  DPVRRP_ASSIGN_OR_RETURN(const StateContents contents, disk_.Read());
  bool same = contents.damaged == 0 && contents.header.identity == header_.identity &&
              contents.header.generation == header_.generation && contents.generations.size() == pages_.size();
  for (size_t i = 0; same && i < pages_.size(); ++i) same = contents.generations[i] == pages_[i].generation;
  return same ? absl::OkStatus() : absl::DataLossError("the state file was changed by another process");
}

absl::Status StateCopier::WritePages() {
  const size_t in_use = std::min<size_t>(Load(memory_.header().pages), pages_.size());
  StatePage copy;
  for (size_t i = 0; i < in_use; ++i) {
    Page& page = pages_[i];
    for (size_t s = 0; s < internal::kSlotsOfPage; ++s) internal::CopyLive(memory_.page(i).slots[s], copy.slots[s]);
    copy.identity = header_.identity;
    copy.number = i;
    copy.generation = 0;  // so that the checksum shows whether anything has changed
    Seal(copy);
    page.written = 0;
    if (copy.checksum == page.checksum) continue;
    page.written = copy.checksum;
    copy.generation = page.generation + 1;
    Seal(copy);
    DPVRRP_RETURN_IF_ERROR(disk_.Write(internal::PageBlock(i, copy.generation), &copy));
  }
  return absl::OkStatus();
}

absl::Status StateCopier::WriteHeader(bool last) {
  alignas(StateHeader) std::array<uint8_t, internal::kStateBlock> block{};
  StateHeader header = header_;
  header.generation = header_.generation + 1;
  header.unix_seconds = Load(memory_.header().unix_seconds);
  header.closed = last ? 1 : 0;
  const auto is_new = [](const Page& page) { return page.generation == 0; };
  header.pages = static_cast<uint32_t>(std::find_if(pages_.begin(), pages_.end(), is_new) - pages_.begin());
  Seal(header);
  std::memcpy(block.data(), &header, sizeof(header));
  return disk_.Write(internal::HeaderBlock(header.generation), block.data());
}

// If a page may not be on the disk, it is written again, over the same copy. Returns whether a page is on the disk for
// the first time.
bool StateCopier::Settle(bool written) {
  bool has_new_pages = false;
  for (Page& page : pages_) {
    if (page.written == 0) continue;
    has_new_pages = has_new_pages || page.generation == 0;
    page.checksum = written ? std::exchange(page.written, 0) : 0;
    if (written) ++page.generation;
    page.written = 0;
  }
  if (!written) return false;
  ++header_.generation;
  renew_ = false;
  return has_new_pages;
}

}  // namespace dpvrrp
