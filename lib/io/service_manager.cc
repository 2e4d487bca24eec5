// SPDX-License-Identifier: BSD-3-Clause
#include "io/service_manager.h"

#include <sys/socket.h>
#include <sys/un.h>

#include <algorithm>
#include <cstddef>
#include <cstdlib>

#include "absl/strings/str_cat.h"

namespace dpvrrp {

ServiceManager::ServiceManager() {
  const char* const named = std::getenv("NOTIFY_SOCKET");
  const absl::string_view name = named == nullptr ? "" : named;
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  const bool is_abstract = !name.empty() && name[0] == '@';
  if (name.size() >= sizeof(address.sun_path) || name.empty() || (name[0] != '/' && !is_abstract)) return;
  std::copy(name.begin(), name.end(), address.sun_path);
  if (is_abstract) address.sun_path[0] = '\0';
  UniqueFd socket(::socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
  const auto bytes = static_cast<socklen_t>(offsetof(sockaddr_un, sun_path) + name.size());
  if (!socket.valid() || connect(socket.get(), reinterpret_cast<const sockaddr*>(&address), bytes) != 0) return;
  socket_ = std::move(socket);
  has_watchdog_ = std::getenv("WATCHDOG_USEC") != nullptr;
}

void ServiceManager::Reloading(Instant now) {
  const auto us = std::chrono::duration_cast<std::chrono::microseconds>(now.time_since_epoch()).count();
  Send(absl::StrCat("RELOADING=1\nMONOTONIC_USEC=", us));
}

void ServiceManager::Status(absl::string_view line) {
  if (line != status_ && Send(absl::StrCat("STATUS=", line))) status_ = std::string(line);
}

void ServiceManager::Feed() {
  if (has_watchdog_) Send("WATCHDOG=1");
}

bool ServiceManager::Send(absl::string_view message) {
  return socket_.valid() && send(socket_.get(), message.data(), message.size(), MSG_NOSIGNAL) >= 0;
}

}  // namespace dpvrrp
