// SPDX-License-Identifier: BSD-3-Clause
#include "io/state_memory.h"

#include <fcntl.h>
#include <sys/ipc.h>
#include <sys/mman.h>
#include <sys/shm.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

#include "absl/strings/str_cat.h"
#include "base/status_macros.h"

namespace dpvrrp {
namespace {

constexpr std::array<char, 8> kMagic = {'D', 'P', 'V', 'R', 'R', 'P', 'M', '3'};
constexpr int kKeys = 16;  // tried for each directory, because two directories may have the same key

size_t BytesFor(size_t slots) { return internal::kStateBlock * (1 + internal::PagesFor(slots)); }

// Never IPC_PRIVATE.
key_t KeyOf(const std::string& directory, int attempt) {
  const uint64_t hash = internal::Fnv1a(directory.data(), directory.size()) + static_cast<uint64_t>(attempt);
  return static_cast<key_t>((hash ^ hash >> 32) | 1u << 30) & 0x7fffffff;
}

std::optional<shmid_ds> AttributesOf(int segment) {
  shmid_ds attributes{};
  if (shmctl(segment, IPC_STAT, &attributes) != 0) return std::nullopt;
  return attributes;
}

// Whether it is ours: no other user can have written it.
bool IsOurs(const shmid_ds& attributes) {
  const ipc_perm& permissions = attributes.shm_perm;
  const bool made_by_us = permissions.cuid == geteuid() || permissions.cuid == 0;
  return made_by_us && permissions.uid == permissions.cuid && (permissions.mode & 0022) == 0;
}

uint8_t* AttachSegment(int segment) {
  void* base = shmat(segment, nullptr, 0);
  return base == reinterpret_cast<void*>(-1) ? nullptr : static_cast<uint8_t*>(base);
}

absl::StatusOr<int> MakeSegment(const std::string& directory, size_t bytes) {
  for (int attempt = 0; attempt < kKeys; ++attempt) {
    const int segment = shmget(KeyOf(directory, attempt), bytes, IPC_CREAT | IPC_EXCL | 0600);
    if (segment >= 0) return segment;
    if (errno != EEXIST) return absl::ErrnoToStatus(errno, "shmget");
  }
  return absl::ResourceExhaustedError("shmget: all keys of this directory are taken");
}

absl::StatusOr<UniqueFd> MakeSealed(size_t bytes) {
  UniqueFd fd(memfd_create("dpvrrp-state", MFD_CLOEXEC | MFD_ALLOW_SEALING));
  if (!fd.valid() || ftruncate(fd.get(), static_cast<off_t>(bytes)) != 0 ||
      fcntl(fd.get(), F_ADD_SEALS, F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_SEAL) != 0) {
    return absl::ErrnoToStatus(errno, "memfd");
  }
  return fd;
}

}  // namespace

StateMemory& StateMemory::operator=(StateMemory&& other) noexcept {
  std::swap(segment_, other.segment_);
  std::swap(fd_, other.fd_);
  std::swap(base_, other.base_);
  std::swap(slots_, other.slots_);
  return *this;
}

StateMemory::~StateMemory() {
  if (base_ == nullptr) return;
  if (segment_ >= 0) {
    shmdt(base_);
  } else {
    munmap(base_, BytesFor(slots_));
  }
}

absl::StatusOr<StateMemory> StateMemory::Attach(Handle handle, size_t slots) {
  StateMemory memory;
  memory.segment_ = handle.segment;
  memory.slots_ = slots;
  memory.fd_.Reset(handle.fd);
  if (handle.segment >= 0) {
    memory.base_ = AttachSegment(handle.segment);
  } else {
    void* base = mmap(nullptr, BytesFor(slots), PROT_READ | PROT_WRITE, MAP_SHARED, handle.fd, 0);
    memory.base_ = base == MAP_FAILED ? nullptr : static_cast<uint8_t*>(base);
  }
  if (memory.base_ == nullptr) return absl::ErrnoToStatus(errno, "memory for sequence numbers");
  return memory;
}

absl::StatusOr<StateMemory> StateMemory::Create(const std::string& directory, uint64_t identity, size_t slots,
                                                std::string* why_private) {
  if (directory.size() >= Header{}.directory.size()) {
    return absl::InvalidArgumentError(absl::StrCat(directory, ": the path is too long"));
  }
  Handle handle;
  const absl::StatusOr<int> segment = MakeSegment(directory, BytesFor(slots));
  if (segment.ok()) {
    handle.segment = *segment;
  } else {
    if (why_private != nullptr) *why_private = std::string(segment.status().message());
    DPVRRP_ASSIGN_OR_RETURN(UniqueFd fd, MakeSealed(BytesFor(slots)));
    handle.fd = fd.Release();
  }
  absl::StatusOr<StateMemory> memory = Attach(handle, slots);
  if (!memory.ok()) {
    if (handle.segment >= 0) shmctl(handle.segment, IPC_RMID, nullptr);
    return memory;
  }
  Header& header = memory->header();
  header.slots = slots;
  header.identity = identity;
  std::copy(directory.begin(), directory.end(), header.directory.begin());
  header.magic = kMagic;
  return memory;
}

std::optional<StateMemory> StateMemory::Find(const std::string& directory) {
  for (int attempt = 0; attempt < kKeys; ++attempt) {
    const int segment = shmget(KeyOf(directory, attempt), 0, 0);
    if (segment < 0) continue;
    const std::optional<shmid_ds> attributes = AttributesOf(segment);
    if (!attributes || !IsOurs(*attributes) || attributes->shm_segsz < internal::kStateBlock) continue;
    absl::StatusOr<StateMemory> memory = Attach({.segment = segment}, 0);
    if (!memory.ok()) continue;
    const Header& header = memory->header();
    const bool is_it = header.magic == kMagic && header.slots <= kMaxStateSlots &&
                       BytesFor(header.slots) == attributes->shm_segsz && header.directory.back() == '\0' &&
                       directory == header.directory.data();
    if (!is_it) continue;
    memory->slots_ = header.slots;
    return *std::move(memory);
  }
  return std::nullopt;
}

void StateMemory::Remove() {
  if (segment_ >= 0) shmctl(segment_, IPC_RMID, nullptr);
}

size_t StateMemory::Others() const {
  if (segment_ < 0) return 0;
  const std::optional<shmid_ds> attributes = AttributesOf(segment_);
  return attributes && attributes->shm_nattch > 0 ? attributes->shm_nattch - 1 : 0;
}

bool StateMemory::IsRemoved() const {
  if (segment_ < 0) return false;
  const std::optional<shmid_ds> attributes = AttributesOf(segment_);
  return !attributes || (attributes->shm_perm.mode & SHM_DEST) != 0;
}

}  // namespace dpvrrp
