// SPDX-License-Identifier: BSD-3-Clause
#include "crypto/published_vectors.h"

namespace dpvrrp::internal {
namespace {

constexpr MacAlgorithm kMd5 = MacAlgorithm::kHmacMd5_96;
constexpr MacAlgorithm kSha1 = MacAlgorithm::kHmacSha1_96;
constexpr MacAlgorithm kSha256 = MacAlgorithm::kHmacSha256_128;

constexpr MacAlgorithm kSha384 = MacAlgorithm::kHmacSha384_192;
constexpr MacAlgorithm kSha512 = MacAlgorithm::kHmacSha512_256;
constexpr MacAlgorithm kCmac = MacAlgorithm::kAes128Cmac_96;
constexpr MacAlgorithm kGmac128 = MacAlgorithm::kAes128Gmac;
constexpr MacAlgorithm kGmac256 = MacAlgorithm::kAes256Gmac;

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
constexpr absl::string_view kKey4493 = "\x2b\x7e\x15\x16\x28\xae\xd2\xa6\xab\xf7\x15\x88\x09\xcf\x4f\x3c";
constexpr absl::string_view kText4493 =
    "\x6b\xc1\xbe\xe2\x2e\x40\x9f\x96\xe9\x3d\x7e\x11\x73\x93\x17\x2a\xae\x2d\x8a\x57\x1e\x03\xac\x9c"
    "\x9e\xb7\x6f\xac\x45\xaf\x8e\x51\x30\xc8\x1c\x46\xa3\x5c\xe4\x11\xe5\xfb\xc1\x19\x1a\x0a\x52\xef"
    "\xf6\x9f\x24\x45\xdf\x4f\x9b\x17\xad\x2b\x41\x7b\xe6\x6c\x37\x10";

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

    {kSha384,
     "RFC 4231 4.2",
     {"\x0b", 20},
     {kHiThere},
     "afd03944d84895626b0825f4ab46907f15f9dadbe4101ec6"
     "82aa034c7cebc59cfaea9ea9076ede7f4af152e8b2fa9cb6"},
    {kSha384,
     "RFC 4231 4.3",
     {"Jefe"},
     {kWhatDoYaWant},
     "af45d2e376484031617f78d2b58a6b1b9c7ef464f5a01b47"
     "e42ec3736322445e8e2240ca5e69e2c78b3239ecfab21649"},
    {kSha384,
     "RFC 4231 4.4",
     {"\xaa", 20},
     {"\xdd", 50},
     "88062608d3e6ad8a0aa2ace014c8a86f0aa635d947ac9feb"
     "e83ef4e55966144b2a5ab39dc13814b94e3ab6e101a34f27"},
    {kSha384,
     "RFC 4231 4.5",
     {k1To25},
     {"\xcd", 50},
     "3e8a69b7783c25851933ab6290af6ca77a9981480850009c"
     "c5577c6e1f573b4e6801dd23c4a7d679ccf8a386c674cffb"},
    {kSha384,
     "RFC 4231 4.7",
     {"\xaa", 131},
     {kLargeKey},
     "4ece084485813e9088d2c63a041bc5b44f9ef1012a2b588f"
     "3cd11f05033ac4c60c2ef6ab4030fe8296248df163f44952"},
    {kSha384,
     "RFC 4231 4.8",
     {"\xaa", 131},
     {kLargeKeyAndData4231},
     "6617178e941f020d351e2f254e8fd32c602420feb0b8fb9a"
     "dccebb82461e99c5a678cc31e799176d3860e6110c46523e"},
    {kSha512,
     "RFC 4231 4.2",
     {"\x0b", 20},
     {kHiThere},
     "87aa7cdea5ef619d4ff0b4241a1d6cb02379f4e2ce4ec2787ad0b30545e17cde"
     "daa833b7d6b8a702038b274eaea3f4e4be9d914eeb61f1702e696c203a126854"},
    {kSha512,
     "RFC 4231 4.3",
     {"Jefe"},
     {kWhatDoYaWant},
     "164b7a7bfcf819e2e395fbe73b56e0a387bd64222e831fd610270cd7ea250554"
     "9758bf75c05a994a6d034f65f8f0e6fdcaeab1a34d4a6b4b636e070a38bce737"},
    {kSha512,
     "RFC 4231 4.4",
     {"\xaa", 20},
     {"\xdd", 50},
     "fa73b0089d56a284efb0f0756c890be9b1b5dbdd8ee81a3655f83e33b2279d39"
     "bf3e848279a722c806b485a47e67c807b946a337bee8942674278859e13292fb"},
    {kSha512,
     "RFC 4231 4.5",
     {k1To25},
     {"\xcd", 50},
     "b0ba465637458c6990e5a8c5f61d4af7e576d97ff94b872de76f8050361ee3db"
     "a91ca5c11aa25eb4d679275cc5788063a5f19741120c4f2de2adebeb10a298dd"},
    {kSha512,
     "RFC 4231 4.7",
     {"\xaa", 131},
     {kLargeKey},
     "80b24263c7c1a3ebb71493c1dd7be8b49b46d1f41b4aeec1121b013783f8f352"
     "6b56d037e05f2598bd0fd2215d6a1e5295e64f73f63f0aec8b915a985d786598"},
    {kSha512,
     "RFC 4231 4.8",
     {"\xaa", 131},
     {kLargeKeyAndData4231},
     "e37b6a775dc87dbaa4dfa9f96e5e3ffddebd71f8867289865df5a32d20cdc944"
     "b6022cac3c4982b10d5eeb55c3e4de15134676fb6de0446065c97440fa8c6a58"},

    {kCmac, "RFC 4494 4 case 2", {kKey4493}, {kText4493.substr(0, 16)}, "070a16b46b4d4144f79bdd9d"},
    {kCmac, "RFC 4494 4 case 3", {kKey4493}, {kText4493.substr(0, 40)}, "dfa66747de9ae63030ca3261"},
    {kCmac, "RFC 4494 4 case 4", {kKey4493}, {kText4493}, "51f0bebf7e3b9d92fc497417"},

    // NIST's GCM vectors (CAVP, gcmEncryptExtIV) without a text. The key is the vector's key plus the nonce's first
    // four bytes as salt; the nonce's other bytes are the IV.
    {kGmac128,
     "CAVP gcmEncryptExtIV128, 96-bit IV, no text, 128-bit AAD, count 0",
     {"\x77\xbe\x63\x70\x89\x71\xc4\xe2\x40\xd1\xcb\x79\xe8\xd7\x7f\xeb\xe0\xe0\x0f\x19"},
     {"\x7a\x43\xec\x1d\x9c\x0a\x5a\x78\xa0\xb1\x65\x33\xa6\x21\x3c\xab"},
     "fed7ba0136a797f3"
     "209fcc8d3675ed938e9c7166709dd946"},
    {kGmac256,
     "CAVP gcmEncryptExtIV256, 96-bit IV, no text, 128-bit AAD, count 0",
     {absl::string_view(
         "\x78\xdc\x4e\x0a\xaf\x52\xd9\x35\xc3\xc0\x1e\xea\x57\x42\x8f\x00\xca\x1f\xd4\x75\xf5\xda\x86\xa4"
         "\x9c\x8d\xd7\x3d\x68\xc8\xe2\x23\xd7\x9c\xf2\x2d",
         36)},
     {"\xb9\x6b\xaa\x8c\x1c\x75\xa6\x71\xbf\xb2\xd0\x8d\x06\xbe\x5f\x36"},
     "504cc793c3fb6c8a"
     "3e5d486aa2e30b22e040b85723a06e76"},
};

}  // namespace

std::span<const PublishedVector> AllPublishedVectors() { return kVectors; }

}  // namespace dpvrrp::internal
