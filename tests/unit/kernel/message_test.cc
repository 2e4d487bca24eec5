// SPDX-License-Identifier: BSD-3-Clause
//
// The parts that need no kernel.
#include <linux/netlink.h>
#include <linux/rtnetlink.h>

#include <cerrno>
#include <cstring>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "kernel/address_message.h"
#include "kernel/link_message.h"
#include "kernel/link_table.h"
#include "kernel/netlink_error.h"

namespace dpvrrp {
namespace {

TEST(AddressMessageTest, BuiltAddressParsesBackWithOurMark) {
  for (const char* text : {"10.0.0.100/24", "2001:db8::100/64"}) {
    const IpPrefix prefix = ParseIpPrefix(text).value();
    MessageBuffer buffer;
    const nlmsghdr* message = BuildAddAddress(buffer, 7, prefix, {.brings_route = false});
    const std::optional<AddressInfo> info = ParseAddress(*message);
    ASSERT_TRUE(info.has_value());
    EXPECT_EQ(info->prefix, prefix);
    EXPECT_EQ(info->ifindex, 7u);
    EXPECT_TRUE(info->ours);
  }
}

TEST(AddressMessageTest, TruncatedMessageIsNothing) {
  MessageBuffer buffer;
  nlmsghdr* message = mnl_nlmsg_put_header(buffer.bytes.data());
  message->nlmsg_type = RTM_NEWADDR;
  EXPECT_FALSE(ParseAddress(*message).has_value());
  EXPECT_FALSE(ParseLink(*message).has_value());
  EXPECT_EQ(ParseAck(*message).error, EBADMSG);
}

TEST(AckTest, ReasonIsFoundBehindAnEchoedRequest) {
  MessageBuffer request_buffer, buffer;
  nlmsghdr* request = BuildSetLink(request_buffer, 7, LinkState::kUp);
  nlmsghdr* ack = mnl_nlmsg_put_header(buffer.bytes.data());
  ack->nlmsg_type = NLMSG_ERROR;
  ack->nlmsg_flags = NLM_F_ACK_TLVS;
  auto* body = static_cast<nlmsgerr*>(mnl_nlmsg_put_extra_header(ack, sizeof(int) + request->nlmsg_len));
  body->error = -EPERM;
  std::memcpy(&body->msg, request, request->nlmsg_len);
  mnl_attr_put_strz(ack, NLMSGERR_ATTR_MSG, "because");
  const NetlinkAnswer answer = ParseAck(*ack);
  EXPECT_EQ(answer.error, EPERM);
  EXPECT_EQ(answer.reason, "because");
  EXPECT_EQ(ToStatus(answer, "cannot do it").ToString(),
            "PERMISSION_DENIED: cannot do it: Operation not permitted (because)");
}

TEST(AckTest, CodesSayWhatToDo) {
  const auto code = [](int error) { return ToStatus({error, ""}, "").code(); };
  EXPECT_EQ(code(0), absl::StatusCode::kOk);
  EXPECT_EQ(code(EEXIST), absl::StatusCode::kAlreadyExists);
  for (const int gone : {ENODEV, EADDRNOTAVAIL}) EXPECT_EQ(code(gone), absl::StatusCode::kNotFound);
  for (const int later : {ENOMEM, EAGAIN, ENOBUFS, ENETDOWN}) EXPECT_EQ(code(later), absl::StatusCode::kUnavailable);
  EXPECT_EQ(code(EINVAL), absl::StatusCode::kInvalidArgument);
}

TEST(LinkTableTest, RenamedLinkGoesDownUnderItsOldNameAndUpUnderItsNew) {
  LinkTable table;
  std::vector<HostEvent> events;
  table.Set({{"old", 7, {}, true, true}, 0, false}, events);
  events.clear();
  table.Set({{"new", 7, {}, true, true}, 0, false}, events);
  ASSERT_EQ(events.size(), 2u);
  EXPECT_EQ(events[0].kind, HostEvent::Kind::kLinkDown);
  EXPECT_EQ(events[0].device, "old");
  EXPECT_EQ(events[1].kind, HostEvent::Kind::kLinkUp);
  EXPECT_EQ(events[1].device, "new");
  EXPECT_EQ(table.FindName(7), "new");
}

TEST(LinkTableTest, ReplacingReportsRemovedLinks) {
  LinkTable table;
  std::vector<HostEvent> events;
  table.Set({{"a", 1, {}, true, true}, 0, false}, events);
  table.Set({{"b", 2, {}, true, true}, 0, false}, events);
  events.clear();
  table.Replace({{{"b", 2, {}, true, false}, 0, false}}, events);
  ASSERT_EQ(events.size(), 2u);
  for (const HostEvent& e : events) EXPECT_EQ(e.kind, HostEvent::Kind::kLinkDown);
  EXPECT_EQ(table.FindName(1), "");
}

}  // namespace
}  // namespace dpvrrp
