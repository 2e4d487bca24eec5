// SPDX-License-Identifier: BSD-3-Clause
//
// Frames that are written once and sent many times: only the number and the ICV or HMAC are new in each.
//
// Thread: one.
#pragma once

#include <cstdint>
#include <span>

#include "base/address.h"
#include "crypto/icv_engine.h"
#include "gen/profile.h"
#include "traffic/advert_frame.h"

namespace dpvrrp {

// A valid advert of a stream's router, with number 1. The caller spoils it. `port_mac` is the MAC of the port that
// sends.
AdvertFrame ValidAdvert(const GenStream& stream, const GenRouter& router, const MacAddress& port_mac);

struct GenTemplate {
  enum class Number : uint8_t { kNone, kAh, kTrailer };

  FrameBytes frame;
  Number number = Number::kNone;  // kNone: every copy is the same
  uint16_t number_at = 0;         // in the frame
  uint16_t icv_at = 0;            // in the frame: of AH, or of the trailer's HMAC
  uint16_t message_at = 0;        // in the frame: the VRRP message, with a trailer
  uint16_t checksum_fault = 0;    // these bits of the VRRP checksum are wrong
  IpAddress source;
  // AH: the ICV's input. It begins with the IP header, which is at `packet_at` of the frame.
  FrameBytes covered;
  uint16_t packet_at = 0;
};

// `repeated`: every copy is the same, although the advert has a number.
GenTemplate MakeGenTemplate(const AdvertFrame& advert, bool repeated);

// The input of the ICV or HMAC of a copy with this number; the copy is in `frame`. Writes to `input` and returns the
// length, in bytes.
size_t WriteIcvInput(const GenTemplate& from, uint64_t number, const uint8_t* frame, uint8_t* input);

// Copies the template to `frame` with this number, and returns its length in bytes. The ICV is the template's.
size_t WriteNumbered(const GenTemplate& from, uint64_t number, uint8_t* frame);

// Puts an ICV or HMAC of `bytes` into the copy, and makes the checksum right that covers it.
void PutIcv(const GenTemplate& from, const uint8_t* icv, size_t bytes, uint8_t* frame);

}  // namespace dpvrrp
