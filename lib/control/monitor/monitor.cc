// SPDX-License-Identifier: BSD-3-Clause
#include "control/monitor/monitor.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "base/count_text.h"
#include "control/instances/registry.h"
#include "control/services.h"

namespace dpvrrp {

void Monitor::Follow(RequesterId client, const FrameSelection& wanted, bool json, ControlTime t) {
  if (clients_.empty()) {
    frames_.resize(kMost);
    not_shown_ = context_.services.FramesNotShown();
    due_ = t.now + kEvery;
  }
  clients_[client] = {wanted, json};
  Select();
}

void Monitor::Unfollow(RequesterId client) {
  if (clients_.erase(client) == 0) return;
  Select();
  if (!clients_.empty()) return;
  frames_.clear();
  frames_.shrink_to_fit();
}

// With several selections the lcores show every frame of VRRP, and Show() selects for each client.
void Monitor::Select() {
  const bool on = !clients_.empty();
  FrameSelection wanted;
  if (on) wanted = clients_.begin()->second.wanted;
  for (const auto& [id, client] : clients_) {
    if (client.wanted != wanted) wanted = FrameSelection{};
  }
  if (on == on_ && wanted == selected_) return;
  on_ = on;
  selected_ = wanted;
  context_.outbox.shard.push_back(command::ShowFrames{on, wanted});
}

void Monitor::OnTime(ControlTime t) {
  if (clients_.empty() || t.now < due_) return;
  due_ = t.now + kEvery;
  const size_t count = context_.services.TakeFrames(frames_);
  for (size_t i = 0; i < count; ++i) Show(frames_[i], t);
  const uint64_t not_shown = context_.services.FramesNotShown();
  const uint64_t lost = not_shown - std::exchange(not_shown_, not_shown);
  if (lost == 0) return;
  for (const auto& [id, client] : clients_) {
    std::string line = client.json ? absl::StrCat("{\"not_shown\":", lost, "}\n")
                                   : absl::StrCat(CountText(lost, "frame"), " not shown: too many at once\n");
    context_.outbox.answers.push_back({id, Answer::Status::kMore, std::move(line)});
  }
}

void Monitor::Show(const FrameCopy& copy, ControlTime t) {
  const std::string& name = context_.registry.PortOf(copy.port).name;
  const int64_t unix_ms = t.unix_ms - std::chrono::floor<std::chrono::milliseconds>(t.now - copy.at).count();
  std::string text, json;
  for (const auto& [id, client] : clients_) {
    if (!client.wanted.Selects(copy.frame(), copy.how())) continue;
    std::string& line = client.json ? json : text;
    if (line.empty()) line = (client.json ? as_json_ : as_text_)(copy, name, unix_ms);
    context_.outbox.answers.push_back({id, Answer::Status::kMore, line});
  }
}

}  // namespace dpvrrp
