// SPDX-License-Identifier: BSD-3-Clause
#include "metrics_listeners.h"

#include <string>
#include <utility>

#include "control/reports/metrics.h"
#include "io/clock.h"

namespace dpvrrp {
namespace {

HttpReply AnswerTo(View& view, const HttpRequest& request) {
  HttpReply reply;
  if (request.path != "/metrics") {
    reply.status = 404;
    reply.text = [](std::string& out) {
      out += "the figures are at /metrics\n";
      return false;
    };
    return reply;
  }
  const MetricsFormat format = ChooseMetricsFormat(request.accept);
  reply.content_type = std::string(ContentTypeOf(format));
  const bool per_instance = view.registry.config().metrics.per_instance;
  auto scrape =
      std::make_shared<MetricsScrape>(view, format, per_instance, ControlTime{MonotonicNow(), UnixMilliseconds()});
  reply.text = [scrape = std::move(scrape)](std::string& out) { return scrape->Next(out); };
  return reply;
}

}  // namespace

absl::Status MetricsListeners::Listen(const MetricsConfig& config, const ControlOwner& owner, Reactor& reactor,
                                      ViewOf view) {
  const auto answer = [view = std::move(view)](const HttpRequest& request) { return AnswerTo(view(), request); };
  absl::Status status;
  const auto take = [&](absl::StatusOr<std::unique_ptr<HttpServer>> server) {
    status.Update(server.status());
    if (server.ok()) servers_.push_back(*std::move(server));
  };
  if (config.port != 0) take(HttpServer::ListenTcp(reactor, config.address, config.port, answer));
  if (!config.socket.empty()) take(HttpServer::ListenUnix(reactor, config.socket, answer, owner));
  return status;
}

void MetricsListeners::Tick(Instant now) {
  for (const std::unique_ptr<HttpServer>& server : servers_) server->Tick(now);
}

}  // namespace dpvrrp
