// SPDX-License-Identifier: BSD-3-Clause
#include "unit/pipeline/rejection_testing.h"

namespace dpvrrp {
namespace {

template <typename Change>
Rejection TrailerRow(DropReason reason, const char* name, Change change, std::vector<Bytes> before = {}) {
  const auto frame = [change] {
    AdvertFrame built = Trailer();
    change(built);
    return built.Build();
  };
  return {.reason = reason, .name = name, .auth = AuthKind::kAuthHmac, .frame = frame, .before = std::move(before)};
}

}  // namespace

std::vector<Rejection> TrailerRejections() {
  using R = DropReason;
  return {
    TrailerRow(R::kExtMissing, "none", WITH(f.trailer_key.clear())),
        TrailerRow(R::kExtMissing, "priority 0", WITH(f.trailer_key.clear(); f.priority = 0)),
        TrailerRow(R::kExtMalformed, "type 2", WITH(f.trailer_type = 2)),
        TrailerRow(R::kExtMalformed, "reserved", WITH(f.trailer_reserved = 1)),
        TrailerRow(R::kExtStale, "old", WITH(f.trailer_number -= uint64_t{6} << 32)),
        TrailerRow(R::kExtStale, "new", WITH(f.trailer_number += uint64_t{6} << 32)),
        TrailerRow(R::kExtReplay, "the same", WITH((void)f), {Trailer().Build()}),
        TrailerRow(R::kExtReplay, "one before", WITH(--f.trailer_number), {Trailer().Build()}),
        TrailerRow(R::kExtUnknownKey, "2", WITH(f.key_id = 2)), TrailerRow(R::kExtUnknownKey, "0", WITH(f.key_id = 0)),
        TrailerRow(R::kExtInvalidHmac, "a bit", WITH(f.forged = true)),
        TrailerRow(R::kExtInvalidHmac, "another key", WITH(f.trailer_key[0] ^= 1)),
        TrailerRow(R::kExtInvalidHmac, "priority 255", WITH(f.priority = 255; f.forged = true)),
        TrailerRow(R::kBadLength, "a byte more", WITH(f.trailer = {0})),
        TrailerRow(R::kBadChecksum, "VRRP's", WITH(f.checksum = 0x1234)),
        TrailerRow(R::kAuthTypeMismatch, "AH", WITH(f.trailer_key.clear(); f.key = KeepalivedKey("s3cr3t"))),
  };
}

}  // namespace dpvrrp
