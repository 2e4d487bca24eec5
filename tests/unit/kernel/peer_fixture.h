// SPDX-License-Identifier: BSD-3-Clause
//
// A host on the LAN, in a separate namespace:
//
//   router namespace                      peer namespace
//     veth0  <----------------------------> veth1
#pragma once

#include "absl/strings/str_cat.h"
#include "kernel_fixture.h"

namespace dpvrrp {

class PeerFixture : public KernelFixture {
 protected:
  void SetUp() override {
    KernelFixture::SetUp();
    if (IsSkipped()) return;
    router_ = OpenOwnNamespace();
    ASSERT_EQ(unshare(CLONE_NEWNET), 0);
    peer_ = OpenOwnNamespace();
    ASSERT_EQ(setns(router_, CLONE_NEWNET), 0);
    Shell(absl::StrCat("ip link set veth1 netns /proc/", getpid(), "/fd/", peer_));
  }

  void TearDown() override {
    for (const int fd : {router_, peer_}) {
      if (fd >= 0) close(fd);
    }
  }

  void InPeer(const std::function<void()>& act) {
    ASSERT_EQ(setns(peer_, CLONE_NEWNET), 0);
    act();
    ASSERT_EQ(setns(router_, CLONE_NEWNET), 0);
  }

  // Until both have carrier, once the peer's end is up.
  void AwaitCarrier(const std::string& device) {
    const auto deadline = std::chrono::steady_clock::now() + kPatience;
    while (!(host_->FindLink("veth0")->running && host_->FindLink(device)->running)) {
      ASSERT_TRUE(WaitReadable(host_->event_fd(), deadline)) << "no carrier";
      host_->ReceiveEvents(events_);
    }
  }

 private:
  static int OpenOwnNamespace() { return open("/proc/self/ns/net", O_RDONLY | O_CLOEXEC); }

  int router_ = -1, peer_ = -1;
};

}  // namespace dpvrrp
