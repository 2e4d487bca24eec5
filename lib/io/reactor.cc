// SPDX-License-Identifier: BSD-3-Clause
#include "io/reactor.h"

#include <sys/epoll.h>

#include <algorithm>
#include <array>
#include <cerrno>

#include "absl/strings/str_cat.h"
#include "base/check.h"

namespace dpvrrp {

static_assert(kReadable == EPOLLIN);
namespace {

// The data of an epoll event: the descriptor, and the generation of its watch.
uint64_t Tag(int fd, uint32_t generation) { return uint64_t{generation} << 32 | static_cast<uint32_t>(fd); }

absl::Status WatchError(int error, const char* what, int fd) {
  return absl::ErrnoToStatus(error, absl::StrCat("epoll: cannot ", what, " descriptor ", fd));
}

}  // namespace

absl::StatusOr<std::unique_ptr<Reactor>> Reactor::Create() {
  UniqueFd epoll(epoll_create1(EPOLL_CLOEXEC));
  if (!epoll.valid()) return absl::ErrnoToStatus(errno, "epoll_create1");
  return std::unique_ptr<Reactor>(new Reactor(std::move(epoll)));
}

Reactor::~Reactor() = default;

absl::Status Reactor::Add(int fd, uint32_t events, Callback callback) {
  auto watch = std::make_unique<Watch>(Watch{next_generation_++, std::move(callback)});
  epoll_event event{};
  event.events = events;
  event.data.u64 = Tag(fd, watch->generation);
  if (epoll_ctl(epoll_.get(), EPOLL_CTL_ADD, fd, &event) != 0) return WatchError(errno, "add", fd);
  watches_[fd] = std::move(watch);
  return absl::OkStatus();
}

absl::Status Reactor::Modify(int fd, uint32_t events) {
  const auto it = watches_.find(fd);
  if (it == watches_.end()) return WatchError(ENOENT, "change", fd);
  epoll_event event{};
  event.events = events;
  event.data.u64 = Tag(fd, it->second->generation);
  if (epoll_ctl(epoll_.get(), EPOLL_CTL_MOD, fd, &event) != 0) return WatchError(errno, "change", fd);
  return absl::OkStatus();
}

void Reactor::Remove(int fd) {
  const auto it = watches_.find(fd);
  if (it == watches_.end()) return;
  epoll_ctl(epoll_.get(), EPOLL_CTL_DEL, fd, nullptr);
  if (running_) removed_.push_back(std::move(it->second));
  watches_.erase(it);
}

absl::Status Reactor::RunOnce(Nanoseconds timeout) {
  DPVRRP_CHECK(!running_);
  std::array<epoll_event, kMaxReactorEvents> events;
  const Nanoseconds wait = std::max(timeout, Nanoseconds::zero());
  const timespec limit{.tv_sec = static_cast<time_t>(wait.count() / 1'000'000'000),
                       .tv_nsec = static_cast<long>(wait.count() % 1'000'000'000)};
  const int ready = epoll_pwait2(epoll_.get(), events.data(), static_cast<int>(events.size()),
                                 timeout == Nanoseconds::max() ? nullptr : &limit, nullptr);
  if (ready < 0) return errno == EINTR ? absl::OkStatus() : absl::ErrnoToStatus(errno, "epoll_pwait2");

  running_ = true;
  for (int i = 0; i < ready; ++i) {
    const int fd = static_cast<int>(events[i].data.u64 & 0xffff'ffff);
    const uint32_t generation = static_cast<uint32_t>(events[i].data.u64 >> 32);
    const auto it = watches_.find(fd);
    if (it == watches_.end() || it->second->generation != generation) continue;  // removed by an earlier callback
    it->second->callback(events[i].events);
  }
  running_ = false;
  removed_.clear();
  return absl::OkStatus();
}

}  // namespace dpvrrp
