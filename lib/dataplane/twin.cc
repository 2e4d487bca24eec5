// SPDX-License-Identifier: BSD-3-Clause
#include "dataplane/twin.h"

#include <fcntl.h>
#include <linux/if.h>
#include <linux/if_arp.h>
#include <linux/if_tun.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>

#include "absl/strings/str_cat.h"
#include "base/status_macros.h"

namespace dpvrrp {
namespace {

ifreq RequestFor(const std::string& name) {
  ifreq request{};
  std::copy_n(name.begin(), std::min<size_t>(name.size(), IFNAMSIZ - 1), std::begin(request.ifr_name));
  return request;
}

// A request of netdevice(7), by any socket.
int Ask(unsigned long request, ifreq& about) {
  const int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
  if (fd < 0) return -1;
  const int result = ioctl(fd, request, &about);
  const int error = errno;
  close(fd);
  errno = error;
  return result;
}

absl::Status Failed(const std::string& name, absl::string_view what) {
  return absl::ErrnoToStatus(errno, absl::StrCat("twin '", name, "': cannot ", what));
}

}  // namespace

absl::StatusOr<std::unique_ptr<Twin>> Twin::Open(const std::string& name, size_t queues) {
  ifreq request = RequestFor(name);
  const bool exists = Ask(SIOCGIFFLAGS, request) == 0;
  std::unique_ptr<Twin> twin(new Twin(name, !exists));
  for (size_t i = 0; i < queues; ++i) DPVRRP_RETURN_IF_ERROR(twin->AddQueue());
  return twin;
}

absl::Status Twin::AddQueue() {
  const int fd = open("/dev/net/tun", O_RDWR | O_NONBLOCK | O_CLOEXEC);
  if (fd < 0) return Failed(name_, "open /dev/net/tun");
  descriptors_.push_back(fd);
  ifreq request = RequestFor(name_);
  request.ifr_flags = static_cast<int16_t>(IFF_TAP | IFF_NO_PI | IFF_MULTI_QUEUE);
  if (ioctl(fd, TUNSETIFF, &request) != 0) {
    if (!is_new_ && (errno == EINVAL || errno == EBUSY)) {
      return absl::AlreadyExistsError(
          absl::StrCat("twin '", name_,
                       "': an interface of this name exists, and is not a free TAP device with several "
                       "queues (ip tuntap add ",
                       name_, " mode tap multi_queue): choose another name, or remove it"));
    }
    return Failed(name_, "make the TAP device");
  }
  // Another program may have left checksums and segments to the reader. The frames must be as on the wire.
  if (ioctl(fd, TUNSETOFFLOAD, 0UL) != 0) return Failed(name_, "switch its offloads off");
  return absl::OkStatus();
}

Twin::~Twin() {
  for (const int fd : descriptors_) close(fd);
}

absl::Status Twin::Keep() {
  return ioctl(descriptors_.front(), TUNSETPERSIST, 1UL) == 0 ? absl::OkStatus() : Failed(name_, "make it persistent");
}

absl::Status Twin::Become(Twin& other) {
  for (size_t i = 0; i < descriptors_.size(); ++i) {
    if (dup3(other.descriptors_[i], descriptors_[i], O_CLOEXEC) < 0) return Failed(name_, "replace its descriptors");
  }
  is_new_ = other.is_new_;
  return absl::OkStatus();
}

absl::Status Twin::SetMac(const MacAddress& mac) {
  ifreq request = RequestFor(name_);
  request.ifr_hwaddr.sa_family = ARPHRD_ETHER;
  std::copy(mac.bytes.begin(), mac.bytes.end(), std::begin(request.ifr_hwaddr.sa_data));
  if (ioctl(descriptors_.front(), SIOCSIFHWADDR, &request) == 0) return absl::OkStatus();
  return Failed(name_, absl::StrCat("set its MAC to ", ToString(mac)));
}

absl::Status Twin::SetMtu(uint16_t mtu) {
  ifreq request = RequestFor(name_);
  request.ifr_mtu = mtu;
  return Ask(SIOCSIFMTU, request) == 0 ? absl::OkStatus() : Failed(name_, absl::StrCat("set its MTU to ", mtu));
}

absl::Status Twin::SetUp() {
  ifreq request = RequestFor(name_);
  if (Ask(SIOCGIFFLAGS, request) != 0) return Failed(name_, "read its flags");
  request.ifr_flags = static_cast<int16_t>(request.ifr_flags | IFF_UP);
  return Ask(SIOCSIFFLAGS, request) == 0 ? absl::OkStatus() : Failed(name_, "set it up");
}

absl::Status Twin::SetCarrier(bool has_link) {
  int carrier = has_link ? 1 : 0;
  if (ioctl(descriptors_.front(), TUNSETCARRIER, &carrier) == 0) return absl::OkStatus();
  return Failed(name_, has_link ? "give it carrier" : "take its carrier away");
}

}  // namespace dpvrrp
