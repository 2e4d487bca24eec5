// SPDX-License-Identifier: BSD-3-Clause
//
// Our own adverts (RFC 3768 5, 7.2; RFC 9568 5, 7.2): written from a template, signed a burst at a time.
//
//   WriteAdvert   template -> frame; AH: a job for IcvEngine::Sign
//   FinishAdvert  after Sign: the ICV, and the IPv4 header fields it does not cover
//
// An advert goes out in router.copies frames: one to a group, one to each unicast peer, or one of either version.
//
// Thread: owning lcore; PrepareAdvertTemplates: control, before the hand-over.
#pragma once

#include "base/types.h"
#include "crypto/icv_engine.h"
#include "pipeline/frame.h"
#include "pipeline/receive/auth_trailer.h"
#include "pipeline/virtual_router.h"

namespace dpvrrp {

// An advert that waits for its ICV.
struct WrittenAdvert {
  VirtualRouter* router;
  const AdvertTemplate* advert;
  uint8_t* data;      // the frame
  const IcvJob* job;  // null: neither AH nor a trailer, no ICV
};

// Fills in the router's templates and `copies` from its configuration.
void PrepareAdvertTemplates(VirtualRouter& router);

// `copies`, when the router has begun or ended to speak its next VRID: each advert goes out under either then.
void CountCopies(VirtualRouter& router);

// Makes the next VRID its own, in configuration and templates. Allocates nothing.
//
// Thread: owning lcore.
void MoveToNextVrid(VirtualRouter& router);

// The port has another MAC address: a router whose adverts come from the port's speaks from the new one, in
// configuration and templates; one with a virtual MAC speaks from that as before. Allocates nothing.
//
// Thread: owning lcore.
void UsePortMac(VirtualRouter& router, const MacAddress& mac);

// Asks the memory for what WriteAdvert touches.
void PrefetchAdvert(const VirtualRouter& router);

enum class WriteResult : uint8_t {
  kWritten,
  kPeerUnresolved,  // nothing written: the Ethernet address of this copy's peer is not known
  kExhausted,       // nothing written: no sequence number is left, and no copy may be sent (conformance AH-25)
  kUnreserved,  // nothing written: the number is not reserved yet (ah/continuity.h); write this copy again when it is
};

// Writes a copy of the router's next advert with this priority to `frame`. Copies are written in order; the first takes
// IP id and, with AH or a trailer, a number, which the others share (as keepalived's do, keepalived.md 1.6) but under
// AES-GMAC. If the router IsSigning(), `job` becomes the copy's signing; else it is null.
WriteResult WriteAdvert(VirtualRouter& router, Priority priority, size_t copy, TxFrame& frame, IcvJob* job,
                        TrailerBurst& trailers, WrittenAdvert& written);

// Whether its adverts carry an ICV.
inline bool IsSigning(const VirtualRouterConfig& config) {
  return config.auth == AuthKind::kAh || SendsTrailer(config);
}

// Makes a written, signed frame ready for the wire.
void FinishAdvert(const WrittenAdvert& advert);

}  // namespace dpvrrp
