// SPDX-License-Identifier: BSD-3-Clause
//
// [metrics]: where the figures of the daemon can be read.
#include <algorithm>

#include "absl/strings/ascii.h"
#include "absl/strings/numbers.h"
#include "absl/strings/strip.h"
#include "config/draft.h"

namespace dpvrrp::config_internal {
namespace {

constexpr absl::string_view kListenForm =
    "must be a loopback address and a port, such as 127.0.0.1:9650 or [::1]:9650, or empty for none: HTTP readers are "
    "not authenticated";

bool IsLoopback(const IpAddress& address) {
  if (address.is_v4()) return address.v4() >> 24 == 127;
  IpAddress::Bytes one{};
  one.back() = 1;
  return address == IpAddress::V6(one);
}

// SimpleAtoi() also accepts blanks and signs.
bool IsNumber(absl::string_view text) {
  return !text.empty() && std::all_of(text.begin(), text.end(), absl::ascii_isdigit);
}

// "127.0.0.1:9650", "[::1]:9650".
bool ReadEndpoint(absl::string_view text, MetricsConfig* metrics) {
  const size_t colon = text.rfind(':');
  uint32_t port = 0;
  if (colon == absl::string_view::npos || !IsNumber(text.substr(colon + 1)) ||
      !absl::SimpleAtoi(text.substr(colon + 1), &port)) {
    return false;
  }
  absl::string_view host = text.substr(0, colon);
  const bool in_brackets = absl::ConsumePrefix(&host, "[") && absl::ConsumeSuffix(&host, "]");
  const absl::StatusOr<IpAddress> address = ParseIpAddress(host);
  if (!address.ok() || address->is_v4() == in_brackets || !IsLoopback(*address) || port == 0 || port > UINT16_MAX) {
    return false;
  }
  metrics->address = *address;
  metrics->port = static_cast<uint16_t>(port);
  return true;
}

}  // namespace

MetricsConfig ReadMetrics(const Node& table, const DaemonConfig& daemon, Faults& faults) {
  const TableReader reader(table, kMetricsRule, faults);
  MetricsConfig metrics;
  ReadPath(reader, "socket", kMaxSocketPathBytes, &metrics.socket);
  if (!metrics.socket.empty() &&
      (metrics.socket == daemon.control_socket || metrics.socket == daemon.read_only_socket)) {
    reader.Refuse("socket", *reader.Find("socket"), "is a control socket of [daemon], which speaks another protocol");
  }
  const Node* listen = reader.Find("listen");
  if (listen == nullptr) {
    if (!reader.Has("socket")) metrics.port = kDefaultMetricsPort;
  } else if (!listen->text().empty() && !ReadEndpoint(listen->text(), &metrics)) {
    reader.Refuse("listen", *listen, kListenForm);
  }
  if (const Node* node = reader.Find("per_instance")) metrics.per_instance = node->boolean();
  return metrics;
}

}  // namespace dpvrrp::config_internal
