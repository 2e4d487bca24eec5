// SPDX-License-Identifier: BSD-3-Clause
//
// What a run of the generator sends: read from a profile (TOML), or from options of the command line, which become the
// same tables. The keys of a [[stream]] that dpvrrpd's [[template]] also has mean the same in both.
//
// Thread: any (values).
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "base/address.h"
#include "base/time.h"
#include "base/types.h"
#include "config/load.h"
#include "config/model.h"
#include "gen/kind.h"

namespace dpvrrp {

inline constexpr size_t kMaxGenRouters = 262144;         // of a stream; refused in a profile
inline constexpr size_t kMaxGenStreams = 64;             // of a profile; refused likewise
inline constexpr int64_t kMaxGenRate = 100'000'000;      // frames a second of a stream; refused likewise
inline constexpr int64_t kDefaultGenRate = 1000;         // frames a second
inline constexpr int64_t kDefaultGenFrames = 1'000'000;  // of a stream that is not a master
inline constexpr Nanoseconds kDefaultGenDuration = std::chrono::seconds(10);
inline constexpr Nanoseconds kMaxGenDuration = std::chrono::hours(24);

// One virtual router of a stream.
struct GenRouter {
  VlanStack vlan;
  Vrid vrid;
  IpAddress source;
  std::vector<IpAddress> addresses;
};

struct GenStream {
  std::string name;
  const GenKind* kind = nullptr;
  std::vector<GenRouter> routers;
  VrrpVersion version = VrrpVersion::kV2;
  Priority priority{200};
  Nanoseconds interval = std::chrono::seconds(1);
  SourceMac source_mac = SourceMac::kPort;
  std::optional<MacAddress> mac;  // instead of source_mac's
  ChecksumRule checksum = ChecksumRule::kRfc5798;
  AuthConfig auth;
  // Times since the start of the run.
  Nanoseconds start_at{0};
  std::optional<Nanoseconds> silent_at;  // the masters stop without a word
  std::optional<Nanoseconds> resign_at;  // the masters stop with an advert of priority 0
  std::optional<Nanoseconds> resume_at;
  uint64_t rate = kDefaultGenRate;      // frames a second, of all its routers; 0: as fast as the port takes them
  uint64_t frames = kDefaultGenFrames;  // the stream ends after so many; 0: with the run
  std::optional<uint32_t> sequence;     // the first AH number; nothing: seconds of UTC, or 1 for a stale gateway
  Nanoseconds clock_offset = -std::chrono::hours(1);  // of a clock-skew stream

  Family family() const { return routers.front().source.family(); }
  bool is_master() const { return kind->role == GenRole::kMaster; }
};

struct GenProfile {
  std::string device;  // as in dpvrrpd's [[port]]
  uint32_t lcore = 0;
  Nanoseconds duration = kDefaultGenDuration;
  bool poll = false;  // never sleeps: exact times, and a whole CPU
  std::vector<GenStream> streams;
};

struct GenProfileResult {
  GenProfile profile;  // meaningful only if `errors` is empty
  std::vector<ConfigFault> errors;
};

// An option of the command line: the key of [generator] or [[stream]] with '_', and its text.
struct GenOption {
  std::string key;
  std::string value;
};

// Reads a profile. `file` is its name for messages. `options` replace or add values of [generator], and, if the text
// has no [[stream]], make one. In their errors `line` is 0.
GenProfileResult ReadGenProfile(absl::string_view toml, const std::string& file, const std::vector<GenOption>& options,
                                const SecretReader& read_secret);

// Whether an option of the command line may have this key, and whether it needs a value.
enum class GenOptionForm : uint8_t { kUnknown, kFlag, kValue };
GenOptionForm FormOfGenOption(absl::string_view key);

}  // namespace dpvrrp
