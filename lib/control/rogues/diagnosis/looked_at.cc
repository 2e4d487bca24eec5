// SPDX-License-Identifier: BSD-3-Clause
#include "control/rogues/diagnosis/looked_at.h"

#include <algorithm>
#include <map>
#include <set>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "base/limits.h"
#include "control/rogues/diagnosis/picture.h"
#include "control/rogues/speaker_text.h"

namespace dpvrrp::diagnosis {
namespace {

constexpr size_t kLines = 8;  // of each sort

std::string Counted(size_t count, absl::string_view what) {
  return absl::StrCat(count, " ", what, count == 1 ? "" : "s");
}

void Append(std::string& text, absl::string_view head, const std::vector<std::string>& lines) {
  const size_t shown = std::min(lines.size(), kLines);
  for (size_t i = 0; i < shown; ++i) absl::StrAppend(&text, "   ", head, lines[i], "\n");
  if (lines.size() > shown) absl::StrAppend(&text, "   ", head, "and ", lines.size() - shown, " more\n");
}

// The sender that was heard last there in this run; null: none.
const Speaker* LastHeard(const std::vector<const Speaker*>& senders) {
  const auto last = std::max_element(senders.begin(), senders.end(), [](const Speaker* a, const Speaker* b) {
    return a->window.last_accepted < b->window.last_accepted;
  });
  return last == senders.end() ? nullptr : *last;
}

// A backup sends no adverts, so the master of a healthy group hears none.
std::string SilenceOf(const WatchedInstance& instance, const Picture& picture, const Speaker* last,
                      const Observed& observed, const std::function<std::string(Instant)>& time) {
  std::string text = absl::StrCat(instance.config->name, " on ", picture.Segment(instance), ", ",
                                  ToString(instance.state), " since ", time(instance.since), ": ");
  if (last == nullptr) {
    absl::StrAppend(&text, "no other gateway was heard since ", time(observed.started));
  } else {
    absl::StrAppend(&text, "last heard ", Name(*last), " at ", time(last->last_seen));
  }
  return text;
}

}  // namespace

std::string LookedAt(const Observed& o, const std::function<bool(const WatchedInstance&)>& is_wanted,
                     const std::function<std::string(Instant)>& time) {
  const Picture picture(o);
  std::map<Place, std::vector<const Speaker*>> ever;
  for (const Speaker& s : o.speakers) {
    if (s.accepted > 0) ever[PlaceOf(s)].push_back(&s);
  }
  std::vector<std::string> heard, silent;
  size_t instances = 0, without_record = 0;
  std::set<PortId> ports_used;
  for (const WatchedInstance& instance : o.instances) {
    if (!is_wanted(instance)) continue;
    ++instances;
    ports_used.insert(instance.port);
    const std::vector<const Speaker*>& senders = ever[PlaceOf(instance, instance.config->vrid)];
    bool is_silent = true;
    for (const Speaker* s : senders) {
      if (!picture.IsHeard(*s, instance)) continue;
      is_silent = false;
      heard.push_back(absl::StrFormat("%s by %s on %s, priority %d, since %s, last %.1f s ago", Name(*s),
                                      instance.config->name, picture.Segment(instance), s->priority.value(),
                                      time(s->first_seen),
                                      std::chrono::duration<double>(o.now - s->last_seen).count()));
    }
    // A backup hears its master, or it would be master. If senders were evicted, its master may be one of them.
    const bool is_known = !senders.empty() || o.crowded_out == 0 || instance.state != State::kBackup;
    if (is_silent && !is_known) ++without_record;
    if (is_silent && is_known) silent.push_back(SilenceOf(instance, picture, LastHeard(senders), o, time));
  }
  std::vector<std::string> ports;
  for (const OwnPort& port : o.own_ports) {
    if (!ports_used.contains(port.id)) continue;
    ports.push_back(absl::StrCat(port.name, " is up, ", port.received, " frames received, ", port.sent, " sent, ",
                                 port.send_errors, " not sent"));
  }
  std::string text = absl::StrCat("nothing suspicious: checked ", Counted(o.speakers.size(), "sender"), ", ",
                                  Counted(instances, "instance"), ", ", Counted(ports_used.size(), "port"), ", ",
                                  Counted(o.own_workers.size(), "worker"), "\n");
  Append(text, "heard:  ", heard);
  Append(text, "silent: ", silent);
  if (!silent.empty()) {
    absl::StrAppend(&text, "           backups send no adverts, so a master of a healthy group hears none; ",
                    "if a peer is master too, we do not hear it: compare show instances on the peers\n");
  }
  if (without_record > 0) {
    absl::StrAppend(&text, "   full:   ", Counted(without_record, "backup"), " without a recorded master: a worker ",
                    "records ", kMaxSpeakers, " senders, and ", o.crowded_out, " lost their places; ",
                    "show instance NAME lists the senders of each\n");
  }
  Append(text, "port:   ", ports);
  return text;
}

}  // namespace dpvrrp::diagnosis
