// SPDX-License-Identifier: BSD-3-Clause
#include "crypto/published_vectors.h"

namespace dpvrrp::internal {
namespace {

constexpr MacAlgorithm kMd5 = MacAlgorithm::kHmacMd5_96;
constexpr MacAlgorithm kSha1 = MacAlgorithm::kHmacSha1_96;
constexpr MacAlgorithm kSha256 = MacAlgorithm::kHmacSha256_128;

constexpr absl::string_view kHiThere = "Hi There";
constexpr absl::string_view kWhatDoYaWant = "what do ya want for nothing?";
constexpr absl::string_view kTruncation = "Test With Truncation";
constexpr absl::string_view kLargeKey = "Test Using Larger Than Block-Size Key - Hash Key First";
constexpr absl::string_view kLargeKeyAndData =
    "Test Using Larger Than Block-Size Key and Larger Than One Block-Size Data";
constexpr absl::string_view kLargeKeyAndData4231 =
    "This is a test using a larger than block-size key and a larger than block-size data. The key needs to be hashed "
    "before being used by the HMAC algorithm.";
constexpr absl::string_view k1To25 =
    "\x01\x02\x03\x04\x05\x06\x07\x08\x09\x0a\x0b\x0c\x0d\x0e\x0f\x10\x11\x12\x13\x14\x15\x16\x17\x18\x19";
constexpr absl::string_view k1To32 =
    "\x01\x02\x03\x04\x05\x06\x07\x08\x09\x0a\x0b\x0c\x0d\x0e\x0f\x10\x11\x12\x13\x14\x15\x16\x17\x18\x19\x1a\x1b\x1c"
    "\x1d\x1e\x1f\x20";

constexpr PublishedVector kVectors[] = {
    {kMd5, "RFC 2202 2 case 1", {"\x0b", 16}, {kHiThere}, "9294727a3638bb1c13f48ef8158bfc9d"},
    {kMd5, "RFC 2202 2 case 2", {"Jefe"}, {kWhatDoYaWant}, "750c783e6ab0b503eaa86e310a5db738"},
    {kMd5, "RFC 2202 2 case 3", {"\xaa", 16}, {"\xdd", 50}, "56be34521d144c88dbb8c733f0e8b3f6"},
    {kMd5, "RFC 2202 2 case 4", {k1To25}, {"\xcd", 50}, "697eaf0aca3a3aea3a75164746ffaa79"},
    {kMd5, "RFC 2202 2 case 5", {"\x0c", 16}, {kTruncation}, "56461ef2342edc00f9bab995"},
    {kMd5, "RFC 2202 2 case 6", {"\xaa", 80}, {kLargeKey}, "6b1ab7fe4bd7bf8f0b62e6ce61b9d0cd"},
    {kMd5, "RFC 2202 2 case 7", {"\xaa", 80}, {kLargeKeyAndData}, "6f630fad67cda0ee1fb1f562db3aa53e"},

    {kSha1, "RFC 2202 3 case 1", {"\x0b", 20}, {kHiThere}, "b617318655057264e28bc0b6fb378c8ef146be00"},
    {kSha1, "RFC 2202 3 case 2", {"Jefe"}, {kWhatDoYaWant}, "effcdf6ae5eb2fa2d27416d5f184df9c259a7c79"},
    {kSha1, "RFC 2202 3 case 3", {"\xaa", 20}, {"\xdd", 50}, "125d7342b9ac11cd91a39af48aa17b4f63f175d3"},
    {kSha1, "RFC 2202 3 case 4", {k1To25}, {"\xcd", 50}, "4c9007f4026250c6bc8414f9bf50c86c2d7235da"},
    {kSha1, "RFC 2202 3 case 5", {"\x0c", 20}, {kTruncation}, "4c1a03424b55e07fe7f27be1"},
    {kSha1, "RFC 2202 3 case 6", {"\xaa", 80}, {kLargeKey}, "aa4ae5e15272d00e95705637ce8a3b55ed402112"},
    {kSha1, "RFC 2202 3 case 7", {"\xaa", 80}, {kLargeKeyAndData}, "e8e99d0f45237d786d6bbaa7965c7808bbff1a91"},

    {kSha256,
     "RFC 4231 4.2",
     {"\x0b", 20},
     {kHiThere},
     "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7"},
    {kSha256,
     "RFC 4231 4.3",
     {"Jefe"},
     {kWhatDoYaWant},
     "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843"},
    {kSha256,
     "RFC 4231 4.4",
     {"\xaa", 20},
     {"\xdd", 50},
     "773ea91e36800e46854db8ebd09181a72959098b3ef8c122d9635514ced565fe"},
    {kSha256,
     "RFC 4231 4.5",
     {k1To25},
     {"\xcd", 50},
     "82558a389a443c0ea4cc819899f2083a85f0faa3e578f8077a2e3ff46729665b"},
    {kSha256, "RFC 4231 4.6", {"\x0c", 20}, {kTruncation}, "a3b6167473100ee06e0c796c2955552b"},
    {kSha256,
     "RFC 4231 4.7",
     {"\xaa", 131},
     {kLargeKey},
     "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54"},
    {kSha256,
     "RFC 4231 4.8",
     {"\xaa", 131},
     {kLargeKeyAndData4231},
     "9b09ffa71b942fcb27635fbcd5b0e944bfdc63644f0713938a7f51535c3a35e2"},

    {kSha256, "RFC 4868 2.7.2.1 AUTH256-1", {"\x0b", 32}, {kHiThere}, "198a607eb44bfbc69903a0f1cf2bbdc5"},
    {kSha256, "RFC 4868 2.7.2.1 AUTH256-2", {"Jefe", 8}, {kWhatDoYaWant}, "167f928588c5cc2eef8e3093caa0e87c"},
    {kSha256, "RFC 4868 2.7.2.1 AUTH256-3", {"\xaa", 32}, {"\xdd", 50}, "cdcb1220d1ecccea91e53aba3092f962"},
    {kSha256, "RFC 4868 2.7.2.1 AUTH256-4", {k1To32}, {"\xcd", 50}, "372efcf9b40b35c2115b1346903d2ef4"},
};

}  // namespace

std::span<const PublishedVector> AllPublishedVectors() { return kVectors; }

}  // namespace dpvrrp::internal
