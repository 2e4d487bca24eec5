// SPDX-License-Identifier: BSD-3-Clause
#include "kernel/netlink_error.h"

#include <linux/netlink.h>

#include <cerrno>
#include <cstring>
#include <system_error>

#include "absl/strings/str_cat.h"
#include "kernel/netlink_attribute.h"

namespace dpvrrp {
namespace {

absl::StatusCode CodeOf(int error) {
  switch (error) {
    case ENODEV:
    case EADDRNOTAVAIL:
      return absl::StatusCode::kNotFound;
    case EAGAIN:
    case EINTR:
    case ENOBUFS:
    case ENOMEM:
    case ENETDOWN:  // the macvlan cannot be set up while its parent is down
    case ETIMEDOUT:
      return absl::StatusCode::kUnavailable;
    default:
      return absl::ErrnoToStatusCode(error);
  }
}

}  // namespace

NetlinkAnswer ParseAck(const nlmsghdr& message) {
  if (mnl_nlmsg_get_payload_len(&message) < sizeof(nlmsgerr)) return {EBADMSG, ""};
  const auto* ack = static_cast<const nlmsgerr*>(mnl_nlmsg_get_payload(&message));
  NetlinkAnswer answer{-ack->error, ""};
  if ((message.nlmsg_flags & NLM_F_ACK_TLVS) == 0) return answer;

  // The attributes follow the request's header, or follow the whole request if the kernel echoed it.
  size_t offset = sizeof(nlmsgerr);
  if ((message.nlmsg_flags & NLM_F_CAPPED) == 0) offset += mnl_nlmsg_get_payload_len(&ack->msg);
  ForEachAttribute(message, offset, [&](const nlattr& attribute) {
    if (mnl_attr_get_type(&attribute) != NLMSGERR_ATTR_MSG) return;
    const auto* text = static_cast<const char*>(mnl_attr_get_payload(&attribute));
    answer.reason.assign(text, strnlen(text, mnl_attr_get_payload_len(&attribute)));
  });
  return answer;
}

absl::Status ToStatus(const NetlinkAnswer& answer, absl::string_view what) {
  if (answer.ok()) return absl::OkStatus();
  std::string text = absl::StrCat(what, ": ", std::generic_category().message(answer.error));
  if (!answer.reason.empty()) absl::StrAppend(&text, " (", answer.reason, ")");
  return absl::Status(CodeOf(answer.error), text);
}

}  // namespace dpvrrp
