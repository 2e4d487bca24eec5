// SPDX-License-Identifier: BSD-3-Clause
//
// Tries which key, algorithm or ICV rule verifies the refused packet of a sender that the watch has kept. The answer is
// the difference between "another key" and its cause: keepalived's file ends a word at "!", one side computes the ICV
// by RFC 4302 and the other as keepalived does, the key is that of another instance, or is not accepted at this time.
//
// A flood of forged adverts must not keep control busy, so the work is bounded: kMostMacs with the senders' own
// instances' keys, kMostMacs with all others', of these kMostOthers for one sender. Some 20 ms of a CPU in all.
//
// Thread: any.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "control/rogues/diagnose.h"
#include "crypto/icv_engine.h"

namespace dpvrrp::diagnosis {

// What verifies a packet.
struct KeyMatch {
  enum class Key : uint8_t {
    kOurs,       // an accepted key of the instance, as it is
    kOtherId,    // the same, auth_hmac: the sender calls it by another id
    kOutOfTime,  // a key of the instance's keyring that is not accepted at this time
    kShortened,  // a key of the instance, changed: `how`
    kOfAnother,  // a key of `owner`
  };
  Key key = Key::kOurs;
  uint8_t id = 0;     // in its keyring
  std::string how;    // kShortened: "cut at '!'"
  std::string owner;  // kOfAnother: "instance gw2", "keyring core"
  MacAlgorithm algorithm{};
  IcvRule rule{};
  bool other_algorithm = false;  // than the instance's
  bool other_rule = false;
};

class KeyTrial {
 public:
  static constexpr size_t kMostMacs = 10'000;
  static constexpr size_t kMostOthers = 2'000;

  explicit KeyTrial(const Observed& observed);
  ~KeyTrial();

  // Nothing: no packet of it was kept lately, or nothing that was tried verifies it.
  std::optional<KeyMatch> Try(const Speaker& speaker, const WatchedInstance& instance);
  // Whether an accepted key of the instance verifies the kept packet, by the instance's own algorithm and rule.
  bool IsOurs(const Speaker& speaker, const WatchedInstance& instance);

  // Whether the last Try() was given up before all keys had been tried.
  bool gave_up() const { return gave_up_; }
  size_t macs() const { return 2 * kMostMacs - own_left_ - others_left_; }  // computed so far

 private:
  struct Candidate;
  struct Packet;

  std::optional<KeyMatch> Match(Packet& packet, const WatchedInstance& instance, const Candidate& candidate,
                                bool as_configured);
  bool Verifies(Packet& packet, MacAlgorithm algorithm, IcvRule rule, const std::vector<uint8_t>& key);
  std::vector<Candidate> OwnKeys(const WatchedInstance& instance) const;
  const std::vector<Candidate>& OtherKeys();
  std::optional<KeyMatch> TryOthers(Packet& packet, const WatchedInstance& instance);

  const Observed& o_;
  std::unique_ptr<IcvEngine> engine_;
  size_t own_left_ = kMostMacs;
  size_t others_left_ = kMostMacs;
  size_t* left_ = &own_left_;  // of the two, the one that is used up at present
  bool gave_up_ = false;
  std::optional<std::vector<Candidate>> others_;
};

}  // namespace dpvrrp::diagnosis
