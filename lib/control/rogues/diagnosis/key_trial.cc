// SPDX-License-Identifier: BSD-3-Clause
#include "control/rogues/diagnosis/key_trial.h"

#include <algorithm>
#include <array>
#include <cstring>

#include "absl/strings/str_cat.h"
#include "config/keepalived_key.h"
#include "config/keyring.h"
#include "wire/ah.h"
#include "wire/auth_trailer.h"
#include "wire/ipv4.h"
#include "wire/ipv6.h"
#include "wire/vrrp.h"

namespace dpvrrp::diagnosis {
namespace {

AuthKind KindOf(const Speaker& s) {
  if (s.has_ah) return AuthKind::kAh;
  return s.has_trailer ? AuthKind::kAuthHmac : AuthKind::kSimple;
}

std::vector<uint8_t> TextOf(const SecretBytes& secret) {
  std::vector<uint8_t> text = secret.bytes;
  while (!text.empty() && text.back() == 0) text.pop_back();
  return text;
}

const SecretBytes* SecretOf(const WatchedInstance& instance) {
  return instance.config->auth.kind == AuthKind::kSimple ? &instance.config->auth.password : nullptr;
}

}  // namespace

struct KeyTrial::Candidate {
  SecretBytes secret;
  KeyMatch match;  // what to answer if it verifies
  Vrid vrid{0};    // kOfAnother: of the instance whose key it is
};

// The kept packet as the input of its ICV.
struct KeyTrial::Packet {
  AuthKind kind{};
  std::vector<uint8_t> input;
  std::array<uint8_t, kMaxIcvBytes> icv{};
  size_t icv_at = 0;     // AH: in `input`; the bytes there are zero while a MAC is computed
  uint8_t ah_words = 0;  // AH's payload length, of which the algorithm follows
  Family family{};
  uint8_t ttl = 0;     // AH over IPv4: as it was sent
  uint8_t key_id = 0;  // auth_hmac

  static std::optional<Packet> Read(const Speaker& s);
};

namespace {

// Offset of the message, or of the AH, in an IP packet; 0: it is not complete.
size_t PayloadAt(std::span<const uint8_t> packet, bool is_ipv6) {
  if (is_ipv6) return packet.size() > sizeof(Ipv6Header) ? sizeof(Ipv6Header) : 0;
  if (packet.size() < sizeof(Ipv4Header)) return 0;
  const size_t header = reinterpret_cast<const Ipv4Header*>(packet.data())->header_bytes();
  return packet.size() > header ? header : 0;
}

}  // namespace

std::optional<KeyTrial::Packet> KeyTrial::Packet::Read(const Speaker& s) {
  const std::span<const uint8_t> kept(s.sample.packet.data(), s.sample.bytes);
  const size_t payload_at = PayloadAt(kept, s.is_ipv6);
  if (payload_at == 0) return std::nullopt;
  Packet p;
  p.kind = KindOf(s);
  p.family = s.is_ipv6 ? Family::kIpv6 : Family::kIpv4;
  const std::span<const uint8_t> payload = kept.subspan(payload_at);
  if (p.kind == AuthKind::kAh) {
    if (payload.size() < sizeof(AhHeader)) return std::nullopt;
    p.ah_words = reinterpret_cast<const AhHeader*>(payload.data())->payload_len;
    p.icv_at = payload_at + sizeof(AhHeader);
    if (payload.size() < (size_t{p.ah_words} + 2) * 4) return std::nullopt;
    p.input.assign(kept.begin(), kept.end());
    if (s.is_ipv6) {
      auto& ip = *reinterpret_cast<Ipv6Header*>(p.input.data());
      ip.version_class = 0x60;
      ip.class_flow = 0;
      ip.flow = Be16(0);
      ip.hop_limit = 0;
    } else {
      auto& ip = *reinterpret_cast<Ipv4Header*>(p.input.data());
      p.ttl = ip.ttl == 0 ? kVrrpTtl : ip.ttl;  // 0: it was changed when the ICV was computed
      ip.tos = 0;
      ip.flags_fragment = Be16(0);
      ip.checksum = Be16(0);
    }
    return p;
  }
  if (p.kind == AuthKind::kAuthHmac) {
    if (!HasAuthTrailer(p.family, payload)) return std::nullopt;
    const auto& trailer = *reinterpret_cast<const AuthTrailer*>(payload.last(sizeof(AuthTrailer)).data());
    p.key_id = trailer.key_id;
    std::copy_n(trailer.hmac, kTrailerHmacBytes, p.icv.begin());
    p.input.resize(kTrailerPseudoBytes + payload.size());
    WriteTrailerInput(s.key.source, payload, p.input.data());
    return p;
  }
  if (payload.size() < sizeof(VrrpV2Header) + kAuthDataBytes) return std::nullopt;
  std::copy_n(payload.last(kAuthDataBytes).begin(), kAuthDataBytes, p.icv.begin());  // the password itself
  return p;
}

KeyTrial::KeyTrial(const Observed& observed) : o_(observed), engine_(MakeOpensslEngine()) {}
KeyTrial::~KeyTrial() = default;

// The instance's keys, and what a keepalived peer may have made of them.
std::vector<KeyTrial::Candidate> KeyTrial::OwnKeys(const WatchedInstance& instance) const {
  using Key = KeyMatch::Key;
  const AuthConfig& auth = instance.config->auth;
  std::vector<Candidate> keys;
  const auto add = [&](const SecretBytes& secret, Key key, uint8_t id) {
    Candidate& c = keys.emplace_back();
    c.secret = secret;
    c.match.key = key;
    c.match.id = id;
  };
  if (const SecretBytes* password = SecretOf(instance)) add(*password, Key::kOurs, 0);
  if (auth.keyring != nullptr) {
    for (const KeyConfig& key : auth.keyring->keys) add(key.secret, Key::kOurs, key.id);
    if (const auto whole = o_.keyrings.find(auth.keyring->name); whole != o_.keyrings.end()) {
      for (const KeyConfig& key : whole->second->keys) {
        if (FindKey(*auth.keyring, key.id) == nullptr) add(key.secret, Key::kOutOfTime, key.id);
      }
    }
  }
  const size_t as_they_are = keys.size();
  for (size_t i = 0; i < as_they_are; ++i) {
    const uint8_t id = keys[i].match.id;
    const std::vector<uint8_t> text = TextOf(keys[i].secret);
    const auto add_changed = [&](std::vector<uint8_t> changed, std::string how) {
      if (changed.empty() || changed == text) return;
      if (text.size() <= kMaxKeepalivedKeyBytes) changed.resize(std::min(changed.size(), kMaxKeepalivedKeyBytes));
      add(SecretBytes(std::move(changed)), Key::kShortened, id);
      keys.back().match.how = std::move(how);
    };
    // Without quotes a word ends at the first of several characters, between quotes at a quote.
    const size_t quote_at = static_cast<size_t>(std::find(text.begin(), text.end(), uint8_t{'"'}) - text.begin());
    for (const size_t end : {KeepalivedReads(text), quote_at}) {
      if (end == text.size()) continue;
      const char at = static_cast<char>(text[end]);
      add_changed(
          {text.begin(), text.begin() + static_cast<ptrdiff_t>(end)},
          at == ' ' || at == '\t' ? "cut at the blank in it" : absl::StrCat("cut at '", std::string(1, at), "'"));
    }
    if (text.size() > kMaxKeepalivedKeyBytes) {
      add_changed({text.begin(), text.begin() + kMaxKeepalivedKeyBytes}, "cut to 8 bytes");
    }
    const bool quoted = text.size() > 2 && text.front() == text.back() && (text.front() == '"' || text.front() == '\'');
    if (quoted) add_changed({text.begin() + 1, text.end() - 1}, "without the quotes around it");
    for (const char quote : {'"', '\''}) {
      std::vector<uint8_t> with = {static_cast<uint8_t>(quote)};
      with.insert(with.end(), text.begin(), text.end());
      with.push_back(static_cast<uint8_t>(quote));
      add_changed(std::move(with), "with quotes around it");
    }
    std::vector<uint8_t> line = text;
    line.push_back('\n');
    add_changed(std::move(line), "with the end of the line behind it");
  }
  return keys;
}

// Each key of the configuration once.
const std::vector<KeyTrial::Candidate>& KeyTrial::OtherKeys() {
  if (others_.has_value()) return *others_;
  others_.emplace();
  std::set<std::vector<uint8_t>> known;
  const auto add = [&](const SecretBytes& secret, uint8_t id, const std::string& owner, Vrid vrid) {
    if (!known.insert(secret.bytes).second) return;
    Candidate& c = others_->emplace_back();
    c.secret = secret;
    c.match.key = KeyMatch::Key::kOfAnother;
    c.match.id = id;
    c.match.owner = owner;
    c.vrid = vrid;
  };
  for (const auto& [name, ring] : o_.keyrings) {
    for (const KeyConfig& key : ring->keys) add(key.secret, key.id, absl::StrCat("keyring ", name), Vrid(0));
  }
  for (const WatchedInstance& instance : o_.instances) {
    const std::string owner = absl::StrCat("instance ", instance.config->name);
    if (const SecretBytes* password = SecretOf(instance)) add(*password, 0, owner, instance.config->vrid);
    const auto& ring = instance.config->auth.keyring;
    if (ring == nullptr || !ring->name.empty()) continue;
    for (const KeyConfig& key : ring->keys) add(key.secret, key.id, owner, instance.config->vrid);
  }
  return *others_;
}

bool KeyTrial::Verifies(Packet& p, MacAlgorithm algorithm, IcvRule rule, const std::vector<uint8_t>& key) {
  if (key.empty()) return false;
  if (*left_ == 0) {
    gave_up_ = true;
    return false;
  }
  if (p.kind == AuthKind::kSimple) {
    std::array<uint8_t, kAuthDataBytes> password{};
    std::copy_n(key.begin(), std::min(key.size(), password.size()), password.begin());
    --*left_;
    return EqualInConstantTime(password.data(), p.icv.data(), password.size());
  }
  const absl::StatusOr<std::unique_ptr<const MacKey>> mac = MacKey::Create(algorithm, key);
  if (!mac.ok()) return false;  // not of the length that AES takes
  --*left_;
  IcvJob job;
  job.key = mac->get();
  job.data = p.input.data();
  job.length = static_cast<uint32_t>(p.input.size());
  if (p.kind == AuthKind::kAuthHmac) {
    std::copy_n(p.icv.begin(), kTrailerHmacBytes, job.icv);
    engine_->Verify({&job, 1});
    return job.match;
  }
  const size_t icv_bytes = InfoOf(algorithm).icv_bytes;
  std::copy_n(p.input.begin() + static_cast<ptrdiff_t>(p.icv_at), icv_bytes, job.icv);
  std::fill_n(p.input.begin() + static_cast<ptrdiff_t>(p.icv_at), icv_bytes, uint8_t{0});
  if (p.family == Family::kIpv4) {
    reinterpret_cast<Ipv4Header*>(p.input.data())->ttl = rule == IcvRule::kRfc4302 ? 0 : p.ttl;
  }
  engine_->Verify({&job, 1});
  std::copy_n(job.icv, icv_bytes, p.input.begin() + static_cast<ptrdiff_t>(p.icv_at));
  return job.match;
}

// By the instance's own algorithm and rule first, then by all others that an ICV of this length may be of.
std::optional<KeyMatch> KeyTrial::Match(Packet& p, const WatchedInstance& instance, const Candidate& candidate,
                                        bool as_configured) {
  const AuthConfig& auth = instance.config->auth;
  const IcvRule ours = instance.config->unicast_peers.empty() ? auth.icv_rule : IcvRule::kRfc4302;
  KeyMatch match = candidate.match;
  match.algorithm = p.kind == AuthKind::kAuthHmac ? MacAlgorithm::kHmacSha256_128 : auth.algorithm;
  match.rule = ours;
  const bool is_ah = p.kind == AuthKind::kAh;
  const auto fits = [&](MacAlgorithm algorithm) {
    return !is_ah || AhPayloadLen(InfoOf(algorithm).icv_bytes, p.family) == p.ah_words;
  };
  if (fits(match.algorithm) && Verifies(p, match.algorithm, match.rule, candidate.secret.bytes)) return match;
  if (as_configured || !is_ah) return std::nullopt;
  for (const MacAlgorithmInfo& row : AllMacAlgorithms()) {
    if (!fits(row.algorithm)) continue;
    for (const IcvRule rule : {IcvRule::kKeepalived, IcvRule::kRfc4302}) {
      match.algorithm = row.algorithm;
      match.rule = rule;
      match.other_algorithm = row.algorithm != auth.algorithm;
      match.other_rule = p.family == Family::kIpv4 && rule != ours;
      if (!match.other_algorithm && !match.other_rule) continue;
      if (p.family == Family::kIpv6 && rule == IcvRule::kRfc4302) continue;  // there they do not differ
      if (Verifies(p, row.algorithm, rule, candidate.secret.bytes)) return match;
    }
  }
  return std::nullopt;
}

std::optional<KeyMatch> KeyTrial::Try(const Speaker& s, const WatchedInstance& instance) {
  gave_up_ = false;
  if (s.sample.bytes == 0 || o_.now - s.sample.at > kDiagnosedFor) return std::nullopt;
  std::optional<Packet> packet = Packet::Read(s);
  if (!packet.has_value()) return std::nullopt;
  left_ = &own_left_;
  for (const Candidate& candidate : OwnKeys(instance)) {
    std::optional<KeyMatch> match = Match(*packet, instance, candidate, false);
    if (!match.has_value()) continue;
    const bool is_ours = match->key == KeyMatch::Key::kOurs;
    if (is_ours && packet->kind == AuthKind::kAuthHmac && packet->key_id != match->id) {
      match->key = KeyMatch::Key::kOtherId;
    }
    return match;
  }
  left_ = &others_left_;
  std::optional<KeyMatch> match = TryOthers(*packet, instance);
  left_ = &own_left_;
  return match;
}

// Those of instances with the same VRID first: a peer on the wrong segment is likelier than any other mistake.
std::optional<KeyMatch> KeyTrial::TryOthers(Packet& packet, const WatchedInstance& instance) {
  const size_t leave = others_left_ - std::min(others_left_, kMostOthers);
  for (const bool same_vrid : {true, false}) {
    for (const Candidate& candidate : OtherKeys()) {
      if ((candidate.vrid == instance.config->vrid) != same_vrid) continue;
      if (others_left_ <= leave) {
        gave_up_ = true;
        return std::nullopt;
      }
      if (std::optional<KeyMatch> match = Match(packet, instance, candidate, false)) return match;
    }
  }
  return std::nullopt;
}

bool KeyTrial::IsOurs(const Speaker& s, const WatchedInstance& instance) {
  if (s.sample.bytes == 0 || o_.now - s.sample.at > kDiagnosedFor) return false;
  if (KindOf(s) != instance.config->auth.kind) return false;
  std::optional<Packet> packet = Packet::Read(s);
  if (!packet.has_value()) return false;
  left_ = &own_left_;
  for (const Candidate& candidate : OwnKeys(instance)) {
    if (candidate.match.key == KeyMatch::Key::kOurs && Match(*packet, instance, candidate, true)) return true;
  }
  return false;
}

}  // namespace dpvrrp::diagnosis
