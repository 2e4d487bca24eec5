// SPDX-License-Identifier: BSD-3-Clause
#include "control/rogues/diagnosis/reasons.h"

namespace dpvrrp::diagnosis {

const std::vector<ReasonRow>& AllReasonRows() {
  using R = DropReason;
  using V = Verdict;
  static const std::vector<V> kKeyFaults = {V::kIcvRuleMismatch, V::kAlgorithmMismatch, V::kKeyShortened,
                                            V::kKeyOfAnother,    V::kKeyOutOfTime,      V::kKeyIdMismatch,
                                            V::kWrongKey};
  static const std::vector<ReasonRow> kRows = {
      {R::kNone, {}, "the advert was accepted"},
      {R::kNotVrrp, {}, "not VRRP: traffic of hosts"},
      {R::kTruncated, {V::kMalformed}, ""},
      {R::kUnknownSegment, {V::kVlanMismatch, V::kVirtualMacElsewhere, V::kUnconfiguredVrid}, ""},
      {R::kBadIpHeader, {V::kMalformed}, ""},
      {R::kBadIpChecksum, {V::kMalformed}, ""},
      {R::kFragment, {V::kMalformed}, ""},
      {R::kExtensionHeader, {}, "extension headers are not parsed, so the VRID is unknown"},
      {R::kBadDestination, {V::kAddressingMismatch}, ""},
      {R::kBadTtl, {V::kTtlNot255}, ""},
      {R::kBadSource, {V::kBadSourceAddress}, ""},
      {R::kAhNextHeader, {}, "not VRRP: another protocol behind AH"},
      {R::kAhOptions, {V::kMalformed}, ""},
      {R::kBadVersion, {V::kVersionMismatch}, ""},
      {R::kBadType, {V::kMalformed}, ""},
      {R::kBadLength, {V::kMalformed, V::kWrongAuthKind}, ""},
      {R::kNoAddresses, {V::kMalformed}, ""},
      {R::kBadChecksum, {V::kChecksumMismatch}, ""},
      {R::kBadInterval, {V::kMalformed}, ""},
      {R::kBlocked, {V::kBlockedSender}, ""},
      {R::kUnknownVrid, {V::kVridMismatch, V::kUnconfiguredVrid}, ""},
      {R::kInstanceInactive, {V::kInstanceInactive, V::kPortDown}, ""},
      {R::kUnknownPeer, {V::kAddressingMismatch}, ""},
      {R::kUnlistedSender, {V::kUnlistedSender}, ""},
      {R::kOwnEcho, {V::kOwnFramesLooped, V::kSourceAddressTaken}, ""},
      {R::kInvalidAuthType, {V::kWrongAuthKind}, ""},
      {R::kAuthTypeMismatch, {V::kWrongAuthKind}, ""},
      {R::kBadPassword, kKeyFaults, ""},
      {R::kExtMissing, {V::kWrongAuthKind}, ""},
      {R::kExtMalformed, {V::kWrongAuthKind}, ""},
      {R::kExtStale, {V::kClockSkew, V::kReplay}, ""},
      {R::kExtReplay, {V::kClockSkew, V::kDoubled, V::kReplay}, ""},
      {R::kExtUnknownKey, kKeyFaults, ""},
      {R::kAhLength, {V::kAlgorithmMismatch}, ""},
      {R::kBadSpi, {V::kWrongAuthKind}, ""},
      {R::kReplayed, {V::kDoubled, V::kRestartedPeer, V::kNumbersWentBack, V::kReplay}, ""},
      {R::kStale, {V::kRestartedPeer, V::kNumbersWentBack, V::kReplay}, ""},
      {R::kBehindGroup, {V::kStaleGateway}, ""},
      {R::kUnverified, {V::kFlood}, ""},
      {R::kExtInvalidHmac, kKeyFaults, ""},
      {R::kBadIcv, kKeyFaults, ""},
      {R::kDuplicateOwner, {V::kTwoOwners}, ""},
      {R::kV2Superseded, {}, "this is normal: the same master is heard by VRRPv3 too"},
      {R::kOwnerIgnores, {V::kNobodyHearsUs}, ""},
      {R::kIntervalMismatch, {V::kIntervalMismatch}, ""},
      {R::kAddressMismatch, {V::kVipListMismatch, V::kDuplicateVrid}, ""},
  };
  return kRows;
}

}  // namespace dpvrrp::diagnosis
