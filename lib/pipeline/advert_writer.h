// SPDX-License-Identifier: BSD-3-Clause
//
// Our own adverts (RFC 3768 5, 7.2): written from a template, signed a burst at a time.
//
//   WriteAdvert   template -> frame; AH: a job for IcvEngine::Sign
//   FinishAdvert  after Sign: the ICV, and the header fields it does not cover
//
// Thread: owning lcore; PrepareAdvertTemplate: control, before the hand-over.
#pragma once

#include "base/types.h"
#include "crypto/icv_engine.h"
#include "pipeline/frame.h"
#include "pipeline/virtual_router.h"

namespace dpvrrp {

// An advert that waits for its ICV.
struct WrittenAdvert {
  VirtualRouter* router;
  uint8_t* data;      // the frame
  const IcvJob* job;  // null: no AH, no ICV
};

// Fills in router.advert_template and its sums from router.config.
void PrepareAdvertTemplate(VirtualRouter& router);

// Asks the memory for what WriteAdvert touches.
void PrefetchAdvert(const VirtualRouter& router);

// Writes the router's next advert with this priority to `frame`. With AH, `job` becomes its signing, and the advert
// takes a sequence number; false: none is left and nothing may be sent (conformance AH-25). Without, `job` is null.
bool WriteAdvert(VirtualRouter& router, Priority priority, TxFrame& frame, IcvJob* job);

// Makes a written, signed frame ready for the wire.
void FinishAdvert(const WrittenAdvert& advert);

}  // namespace dpvrrp
