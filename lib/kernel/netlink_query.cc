// SPDX-License-Identifier: BSD-3-Clause
#include "kernel/netlink_query.h"

#include <poll.h>

#include <cerrno>

#include "base/status_macros.h"

namespace dpvrrp {
namespace {

constexpr int kReceiveBytes = 1 << 20;

}  // namespace

struct NetlinkQuery::Progress {
  Result result;
  bool finished = false;
  bool interrupted = false;

  void Take(const nlmsghdr& message) {
    if ((message.nlmsg_flags & NLM_F_DUMP_INTR) != 0) interrupted = true;
    if (message.nlmsg_type == NLMSG_ERROR) {
      result.answer = ParseAck(message);
      finished = true;
    } else if (message.nlmsg_type == NLMSG_DONE) {
      // A dump that failed half-way reports that in its last message.
      if (mnl_nlmsg_get_payload_len(&message) >= sizeof(int)) {
        result.answer.error = -*static_cast<const int*>(mnl_nlmsg_get_payload(&message));
      }
      finished = true;
    } else {
      const auto* bytes = reinterpret_cast<const uint8_t*>(&message);
      result.messages.insert(result.messages.end(), bytes, bytes + message.nlmsg_len);
      result.messages.resize(MNL_ALIGN(result.messages.size()));
    }
  }
};

absl::StatusOr<NetlinkQuery> NetlinkQuery::Open() {
  DPVRRP_ASSIGN_OR_RETURN(NetlinkSocket socket, NetlinkSocket::Open({}, kReceiveBytes));
  return NetlinkQuery(std::move(socket));
}

NetlinkQuery::Result NetlinkQuery::Ask(nlmsghdr& request) {
  const bool dump = (request.nlmsg_flags & NLM_F_DUMP) == NLM_F_DUMP;
  request.nlmsg_flags |= NLM_F_REQUEST | (dump ? 0 : NLM_F_ACK);
  for (int attempt = 0; attempt < kMaxDumps; ++attempt) {
    Progress progress;
    AskOnce(request, progress);
    if (!progress.interrupted) return std::move(progress.result);
  }
  return {{EAGAIN, "the objects change faster than they can be listed"}, {}};
}

void NetlinkQuery::AskOnce(nlmsghdr& request, Progress& progress) {
  request.nlmsg_seq = ++sequence_;
  int error = socket_.Send({reinterpret_cast<const uint8_t*>(&request), request.nlmsg_len});
  const auto deadline_ms = static_cast<int>(std::chrono::milliseconds(kAnswerWait).count());
  while (error == 0 && !progress.finished) {
    const NetlinkSocket::Datagram datagram = socket_.Receive();
    error = datagram.error;
    if (error == EAGAIN) {
      pollfd readable{socket_.fd(), POLLIN, 0};
      error = poll(&readable, 1, deadline_ms) == 0 ? ETIMEDOUT : 0;
    }
    ForEachMessage(datagram.messages, [&](const nlmsghdr& message) {
      if (message.nlmsg_seq == sequence_) progress.Take(message);  // otherwise: late, for a request given up
    });
  }
  if (error != 0) progress.result.answer.error = error;
}

}  // namespace dpvrrp
