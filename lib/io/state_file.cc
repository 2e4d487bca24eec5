// SPDX-License-Identifier: BSD-3-Clause
#include "io/state_file.h"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/mman.h>
#include <sys/stat.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <cerrno>
#include <cstring>
#include <span>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/strip.h"
#include "base/check.h"
#include "io/state_image.h"

namespace dpvrrp {
namespace {

using internal::StateFileBytes;
using internal::StateImage;
using internal::StateSlot;

constexpr const char* kBootIdPath = "/proc/sys/kernel/random/boot_id";
// A clock that shows an earlier time was never set.
constexpr int64_t kEarliestTime = 1'577'836'800;  // 2020-01-01, seconds
constexpr const char* kAdvice =
    "; move it away to start with fresh sequence numbers; peers that remember higher ones will refuse our adverts "
    "until "
    "ours have passed theirs or they forget us";

absl::Status Named(const std::string& path, const absl::Status& status) {
  return absl::Status(status.code(), absl::StrCat(path, ": ", status.message(), kAdvice));
}

absl::Status EnsureDirectory(const std::string& directory) {
  if (mkdir(directory.c_str(), 0700) != 0 && errno != EEXIST) return absl::ErrnoToStatus(errno, directory);
  struct stat attributes {};
  if (stat(directory.c_str(), &attributes) != 0) return absl::ErrnoToStatus(errno, directory);
  if (!S_ISDIR(attributes.st_mode)) return absl::FailedPreconditionError(absl::StrCat(directory, ": not a directory"));
  if (attributes.st_uid != 0 && attributes.st_uid != geteuid()) {  // who might swap the files for others
    return absl::FailedPreconditionError(
        absl::StrCat(directory, ": belongs to user ", attributes.st_uid, ", must be root's or the daemon's own"));
  }
  if ((attributes.st_mode & 022) != 0) {
    return absl::FailedPreconditionError(absl::StrFormat("%s: mode is %04o, must not be writable by group or others",
                                                         directory, attributes.st_mode & 07777));
  }
  return absl::OkStatus();
}

// Its own file, because renaming a new state file into place would leave the lock on the old one.
absl::StatusOr<UniqueFd> Lock(const std::string& directory) {
  const std::string path = absl::StrCat(directory, "/lock");
  UniqueFd fd(open(path.c_str(), O_RDWR | O_CREAT | O_NOFOLLOW | O_CLOEXEC, 0600));
  if (!fd.valid()) return absl::ErrnoToStatus(errno, path);
  if (flock(fd.get(), LOCK_EX | LOCK_NB) == 0) return fd;
  if (errno != EWOULDBLOCK) return absl::ErrnoToStatus(errno, path);
  return absl::FailedPreconditionError(
      absl::StrCat(directory, ": in use by another daemon, give this one a state directory of its own"));
}

absl::StatusOr<std::string> ReadBootId() {
  const UniqueFd fd(open(kBootIdPath, O_RDONLY | O_CLOEXEC));
  std::array<char, 40> text{};
  const ssize_t got = fd.valid() ? read(fd.get(), text.data(), text.size()) : -1;
  if (got <= 0) return absl::ErrnoToStatus(errno, kBootIdPath);
  return std::string(absl::StripTrailingAsciiWhitespace({text.data(), static_cast<size_t>(got)}));
}

// A shared, writable mapping of a whole file.
struct Mapping {
  UniqueFd file;
  uint8_t* base = nullptr;
  size_t bytes = 0;

  Mapping() = default;
  Mapping(Mapping&& other) noexcept { *this = std::move(other); }
  Mapping& operator=(Mapping&& other) noexcept {
    std::swap(file, other.file);
    std::swap(base, other.base);
    std::swap(bytes, other.bytes);
    return *this;
  }
  ~Mapping() {
    if (base != nullptr) munmap(base, bytes);
  }
  std::span<const uint8_t> view() const { return {base, bytes}; }
};

// NotFound: there is no such file. An empty file gives an empty mapping.
absl::StatusOr<Mapping> Map(const std::string& path) {
  Mapping mapping;
  mapping.file.Reset(open(path.c_str(), O_RDWR | O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK));
  if (!mapping.file.valid()) return absl::ErrnoToStatus(errno, path);
  struct stat attributes {};
  if (fstat(mapping.file.get(), &attributes) != 0) return absl::ErrnoToStatus(errno, path);
  if (!S_ISREG(attributes.st_mode)) return absl::FailedPreconditionError(absl::StrCat(path, ": not a regular file"));
  if (attributes.st_size == 0) return mapping;
  const size_t bytes = static_cast<size_t>(attributes.st_size);
  void* base = mmap(nullptr, bytes, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_POPULATE, mapping.file.get(), 0);
  if (base == MAP_FAILED) return absl::ErrnoToStatus(errno, path);
  mapping.base = static_cast<uint8_t*>(base);
  mapping.bytes = bytes;
  return mapping;
}

absl::Status WriteAt(const UniqueFd& fd, const void* data, size_t bytes, size_t offset) {
  const auto* at = static_cast<const uint8_t*>(data);
  while (bytes > 0) {
    const ssize_t written = pwrite(fd.get(), at, bytes, static_cast<off_t>(offset));
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) return absl::ErrnoToStatus(errno, "write");
    at += written;
    bytes -= static_cast<size_t>(written);
    offset += static_cast<size_t>(written);
  }
  return absl::OkStatus();
}

struct NextImage {
  size_t capacity = 0;
  std::string boot_id;
  bool move_ahead = false;  // add kPowerLossGap to what was sent
};

// Writes the whole next file aside and puts it in the old one's place, durably.
absl::Status Replace(const std::string& directory, const std::string& path, const NextImage& next,
                     const StateImage& old_image, const Mapping& old_file) {
  const std::string aside = absl::StrCat(path, ".new");
  if (unlink(aside.c_str()) != 0 && errno != ENOENT) return absl::ErrnoToStatus(errno, aside);
  const UniqueFd fd(open(aside.c_str(), O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600));
  if (!fd.valid()) return absl::ErrnoToStatus(errno, aside);
  // Reserved now: on a full disk an lcore's store into a hole would be SIGBUS.
  if (const int error = posix_fallocate(fd.get(), 0, static_cast<off_t>(StateFileBytes(next.capacity))); error != 0) {
    unlink(aside.c_str());
    return absl::ErrnoToStatus(error, aside);
  }
  const internal::StateHeader header = internal::MakeStateHeader(next.capacity, next.boot_id);
  if (absl::Status status = WriteAt(fd, &header, sizeof(header), 0); !status.ok()) return status;
  size_t slots_written = 0;
  for (const auto& [key, old_slot] : old_image.index) {
    StateSlot slot = internal::ReadStateSlot(old_file.view(), old_image.version, old_slot);
    if (next.move_ahead) slot.record.sent = internal::MovedAhead(slot.record);
    if (absl::Status status = WriteAt(fd, &slot, sizeof(slot), StateFileBytes(slots_written++)); !status.ok()) {
      return status;
    }
  }
  if (fsync(fd.get()) != 0) return absl::ErrnoToStatus(errno, aside);
  if (rename(aside.c_str(), path.c_str()) != 0) return absl::ErrnoToStatus(errno, aside);
  const UniqueFd folder(open(directory.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (!folder.valid() || fsync(folder.get()) != 0) return absl::ErrnoToStatus(errno, directory);
  return absl::OkStatus();
}

}  // namespace

std::string ToString(const StateFileReport& report) {
  std::string line = absl::StrCat(report.path, ": ", report.used, " of ", report.capacity, " slots used");
  if (report.created) absl::StrAppend(&line, "; newly made, sequence numbers begin at zero");
  if (report.converted) absl::StrAppend(&line, "; rewritten in this release's format");
  if (report.grown) absl::StrAppend(&line, "; grown");
  if (report.other_boot) {
    absl::StrAppend(&line, "; the system was restarted since, sequence numbers were moved ahead by ", kPowerLossGap);
  }
  return line;
}

absl::StatusOr<std::unique_ptr<StateFile>> StateFile::Open(const std::string& directory,
                                                           const StateFileOptions& options, StateFileReport* report) {
  std::string boot_id = options.boot_id;
  if (boot_id.empty()) {
    absl::StatusOr<std::string> read_id = ReadBootId();
    if (!read_id.ok()) return read_id.status();
    boot_id = *std::move(read_id);
  }
  if (absl::Status status = EnsureDirectory(directory); !status.ok()) return status;
  absl::StatusOr<UniqueFd> lock = Lock(directory);
  if (!lock.ok()) return lock.status();

  StateFileReport found{.path = absl::StrCat(directory, "/sequences")};
  absl::StatusOr<Mapping> file = Map(found.path);
  StateImage image;
  if (file.ok()) {
    absl::StatusOr<StateImage> checked = internal::CheckStateImage(file->view());
    if (!checked.ok()) return Named(found.path, checked.status());
    image = *std::move(checked);
    found.other_boot = image.boot_id != boot_id;
  } else if (absl::IsNotFound(file.status())) {
    file = Mapping();
    found.created = true;
  } else {
    return file.status();
  }

  const size_t wanted = std::max<size_t>(options.instances, 1);
  size_t capacity = found.created ? 2 * wanted : std::max<size_t>(image.slot_count, 1);
  while (capacity < image.index.size() + wanted && capacity <= kMaxStateSlots) capacity *= 2;
  if (capacity > kMaxStateSlots) {
    return absl::ResourceExhaustedError(absl::StrCat(found.path, ": ", image.index.size(), " slots used and ", wanted,
                                                     " more wanted, at most ", kMaxStateSlots));
  }
  found.grown = !found.created && capacity != image.slot_count;
  internal::StateClock clock;
  if (!found.created) std::memcpy(&clock, file->base + internal::kStateClockAt, sizeof clock);

  found.converted = !found.created && image.version != internal::kStateVersion;

  if (found.created || found.grown || found.other_boot || found.converted || image.has_twins) {
    const NextImage next{.capacity = capacity, .boot_id = boot_id, .move_ahead = found.other_boot};
    if (absl::Status status = Replace(directory, found.path, next, image, *file); !status.ok()) return status;
    file = Map(found.path);
    if (!file.ok()) return file.status();
    absl::StatusOr<StateImage> checked = internal::CheckStateImage(file->view());
    if (!checked.ok()) return Named(found.path, checked.status());
    image = *std::move(checked);
  }

  std::unique_ptr<StateFile> state(new StateFile());
  state->path_ = found.path;
  state->lock_ = *std::move(lock);
  state->file_ = std::move(file->file);
  state->base_ = std::exchange(file->base, nullptr);
  state->bytes_ = file->bytes;
  state->capacity_ = image.slot_count;
  state->index_ = std::move(image.index);
  state->FindFreeSlots();
  state->NoteLeaving(clock.unix_seconds);
  madvise(state->base_, state->bytes_, MADV_DONTNEED);  // read from end to end, and most of it is free
  found.used = state->used();
  found.capacity = state->capacity();
  if (report != nullptr) *report = found;
  return state;
}

StateFile::~StateFile() {
  if (base_ != nullptr) munmap(base_, bytes_);
}

void StateFile::FindFreeSlots() {
  for (size_t i = capacity_; i-- > 0;) {
    if (reinterpret_cast<const StateSlot*>(base_ + StateFileBytes(i))->key_bytes == 0) free_.push_back(i);
  }
}

// What was being served when the last run ended without a goodbye.
void StateFile::NoteLeaving(int64_t unix_seconds) {
  if (unix_seconds < kEarliestTime || unix_seconds > UINT32_MAX) return;
  for (const auto& [key, slot] : index_) {
    SequenceRecord& record = reinterpret_cast<StateSlot*>(base_ + StateFileBytes(slot))->record;
    if (record.left_at == 0) record.left_at = static_cast<uint32_t>(unix_seconds);
  }
}

absl::StatusOr<SequenceRecord*> StateFile::Acquire(absl::string_view key) {
  if (key.empty() || key.size() > kMaxStateKey) {
    return absl::InvalidArgumentError(absl::StrCat("state key '", key, "': must be 1..", kMaxStateKey, " bytes"));
  }
  const auto slot_at = [&](size_t i) { return reinterpret_cast<StateSlot*>(base_ + StateFileBytes(i)); };
  const auto known = index_.find(key);
  if (known != index_.end()) return &slot_at(known->second)->record;
  if (free_.empty()) {
    return absl::ResourceExhaustedError(
        absl::StrCat(path_, ": all ", capacity_, " slots are used; restart the daemon, which makes the file larger"));
  }
  const size_t slot = free_.back();
  free_.pop_back();
  internal::FillStateSlot(*slot_at(slot), key);
  index_.emplace(std::string(key), slot);
  return &slot_at(slot)->record;
}

uint32_t StateFile::HighestSent() const {
  uint32_t highest = 0;
  for (const auto& [key, slot] : index_) {
    SequenceRecord& record = reinterpret_cast<StateSlot*>(base_ + StateFileBytes(slot))->record;
    const uint64_t sent = std::atomic_ref<uint64_t>(record.sent).load(std::memory_order_relaxed);  // an lcore writes it
    if (sent <= UINT32_MAX) highest = std::max(highest, static_cast<uint32_t>(sent));
  }
  return highest;
}

absl::Status StateFile::Move(absl::string_view from, absl::string_view to) {
  const auto source = index_.find(from);
  if (source == index_.end()) return absl::NotFoundError(absl::StrCat(path_, ": no slot of key '", from, "'"));
  const size_t live = source->second;  // Acquire() may move the index
  // A copy stands in while the slot changes its name, in which it counts as free.
  const absl::StatusOr<SequenceRecord*> copy = Acquire(to);
  if (!copy.ok()) return copy.status();
  const size_t stand_in = index_.find(to)->second;
  const auto slot_at = [&](size_t i) { return reinterpret_cast<StateSlot*>(base_ + StateFileBytes(i)); };
  internal::CopyRecord(slot_at(live)->record, **copy, kMoveGap);
  internal::RenameStateSlot(*slot_at(live), to);
  internal::FreeStateSlot(*slot_at(stand_in));
  index_.erase(from);
  index_[std::string(to)] = live;
  free_.push_back(stand_in);
  return absl::OkStatus();
}

void StateFile::Sync(int64_t unix_ms) {
  auto& clock = *reinterpret_cast<internal::StateClock*>(base_ + internal::kStateClockAt);
  if (unix_ms / 1000 >= kEarliestTime) clock.unix_seconds = unix_ms / 1000;
  // Not msync(MS_ASYNC), which does nothing on Linux. Errors are the disk's; Flush() and fsync() report them.
  sync_file_range(file_.get(), 0, 0, SYNC_FILE_RANGE_WRITE);
}

absl::Status StateFile::Flush() {
  if (msync(base_, bytes_, MS_SYNC) != 0) return absl::ErrnoToStatus(errno, path_);
  return absl::OkStatus();
}

}  // namespace dpvrrp
