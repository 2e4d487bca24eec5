// SPDX-License-Identifier: BSD-3-Clause
//
// The HTTP listeners of [metrics]: `GET /metrics` is answered with the daemon's figures.
//
// Thread: control.
#pragma once

#include <functional>
#include <memory>
#include <vector>

#include "config/model.h"
#include "control/reports/reports.h"
#include "http/http_server.h"

namespace dpvrrp {

class MetricsListeners {
 public:
  using ViewOf = std::function<View&()>;

  // No request is answered before the reactor runs; `view` is called then. If a listener cannot be opened, the other
  // one still works. Returns the first error of HttpServer.
  absl::Status Listen(const MetricsConfig& config, const ControlOwner& owner, Reactor& reactor, ViewOf view);
  void Tick(Instant now);
  // Before the view or the reactor is destroyed.
  void Close() { servers_.clear(); }

 private:
  std::vector<std::unique_ptr<HttpServer>> servers_;
};

}  // namespace dpvrrp
