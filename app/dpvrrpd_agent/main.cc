// SPDX-License-Identifier: BSD-3-Clause
//
// dpvrrpd-agent: runs programs for dpvrrpd. dpvrrpd starts it; it is of no use by itself.
#include <sys/socket.h>

#include <cstdio>

#include "absl/strings/numbers.h"
#include "absl/strings/string_view.h"
#include "agent/supervisor.h"
#include "agent/worker_notes.h"

namespace {

constexpr int kUsageError = 2;

int Refuse() {
  std::fputs("dpvrrpd-agent: dpvrrpd starts this program: dpvrrpd-agent --fd SOCKET --at-once PROGRAMS\n", stderr);
  return kUsageError;
}

}  // namespace

int main(int argc, char** argv) {
  int socket = -1;
  int at_once = 0;
  if (argc != 5) return Refuse();
  for (int i = 1; i + 1 < argc; i += 2) {
    const absl::string_view option = argv[i];
    if (option == "--fd" && absl::SimpleAtoi(argv[i + 1], &socket)) continue;
    if (option == "--at-once" && absl::SimpleAtoi(argv[i + 1], &at_once)) continue;
    return Refuse();
  }
  int type = 0;
  socklen_t size = sizeof(type);
  if (getsockopt(socket, SOL_SOCKET, SO_TYPE, &type, &size) != 0 || type != SOCK_SEQPACKET) return Refuse();
  if (at_once < 1 || at_once > static_cast<int>(dpvrrp::kMaxAtOnce)) return Refuse();
  return dpvrrp::Supervise(socket, static_cast<size_t>(at_once));
}
