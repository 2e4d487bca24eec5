// SPDX-License-Identifier: BSD-3-Clause
//
// What must be in a frame's checksums, ICV and HMAC, computed without code of lib/: summed as in the RFC, and by
// OpenSSL's EVP_MAC. The oracle of frames that we send, and of lib/traffic, which writes those that we receive.
#pragma once

#include <cstdint>
#include <span>

#include "base/address.h"
#include "base/types.h"
#include "crypto/mac_algorithm.h"
#include "support/bytes.h"

namespace dpvrrp {

// The Internet checksum of RFC 1071, 16 bits at a time as in the RFC. Host order.
uint16_t ReferenceChecksum(std::span<const uint8_t> data);

// Of an upper layer's message: with the pseudo-header of RFC 8200 8.1 in front, or, with IPv4 addresses, of RFC 768.
uint16_t ReferenceChecksum(const IpAddress& source, const IpAddress& destination, uint8_t protocol,
                           std::span<const uint8_t> message);

// The HMAC of a VRRP message with its auth_hmac trailer at the end, whatever its HMAC field holds now.
Bytes ReferenceTrailerHmac(const IpAddress& source, std::span<const uint8_t> message, const Bytes& key);

// The ICV of an IP packet with AH right behind a header without options, whatever its ICV field holds now. Of AES-GMAC
// by our profile: the IV is the last four bytes of the source address and the sequence number.
Bytes ReferenceIcv(std::span<const uint8_t> ip_packet, const Bytes& key, MacAlgorithm algorithm, IcvRule rule);

}  // namespace dpvrrp
