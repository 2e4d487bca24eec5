// SPDX-License-Identifier: BSD-3-Clause
//
// This file uses the low-level digests, which OpenSSL 3.0 deprecates, because a hash state can be set in them and read
// from them. So a key is two states of 32 bytes, and a MAC works on the stack. EVP_MAC_init with a kept key allocates
// for every message in OpenSSL 3.0, and takes one and a half times (MD5) to twice (SHA) as long. The figures are in
// docs/decisions/0002-low-level-digests.md.
#define OPENSSL_SUPPRESS_DEPRECATED

#include "crypto/openssl_digest.h"

#include <openssl/crypto.h>
#include <openssl/md5.h>
#include <openssl/sha.h>

#include <algorithm>

namespace dpvrrp::internal {
namespace {

// One struct per hash, all with the same members. Their functions always return 1, so the result is not checked.
struct Md5 {
  using Context = MD5_CTX;
  static constexpr size_t kDigestBytes = MD5_DIGEST_LENGTH;
  static void Start(Context& c) { MD5_Init(&c); }
  static void Add(Context& c, const void* data, size_t length) { MD5_Update(&c, data, length); }
  static void Finish(Context& c, uint8_t* digest) { MD5_Final(digest, &c); }
  using Word = uint32_t;
  static constexpr size_t kStateWords = 4;
  static void Save(const Context& c, uint32_t* s) { s[0] = c.A, s[1] = c.B, s[2] = c.C, s[3] = c.D; }
  static void Load(Context& c, const uint32_t* s) { c.A = s[0], c.B = s[1], c.C = s[2], c.D = s[3]; }
};

struct Sha1 {
  using Context = SHA_CTX;
  static constexpr size_t kDigestBytes = SHA_DIGEST_LENGTH;
  static void Start(Context& c) { SHA1_Init(&c); }
  static void Add(Context& c, const void* data, size_t length) { SHA1_Update(&c, data, length); }
  static void Finish(Context& c, uint8_t* digest) { SHA1_Final(digest, &c); }
  using Word = uint32_t;
  static constexpr size_t kStateWords = 5;
  static void Save(const Context& c, uint32_t* s) { s[0] = c.h0, s[1] = c.h1, s[2] = c.h2, s[3] = c.h3, s[4] = c.h4; }
  static void Load(Context& c, const uint32_t* s) { c.h0 = s[0], c.h1 = s[1], c.h2 = s[2], c.h3 = s[3], c.h4 = s[4]; }
};

struct Sha256 {
  using Context = SHA256_CTX;
  static constexpr size_t kDigestBytes = SHA256_DIGEST_LENGTH;
  static void Start(Context& c) { SHA256_Init(&c); }
  static void Add(Context& c, const void* data, size_t length) { SHA256_Update(&c, data, length); }
  static void Finish(Context& c, uint8_t* digest) { SHA256_Final(digest, &c); }
  using Word = uint32_t;
  static constexpr size_t kStateWords = 8;
  static void Save(const Context& c, uint32_t* s) { std::copy_n(c.h, 8, s); }
  static void Load(Context& c, const uint32_t* s) {
    std::copy_n(s, 8, c.h);
    c.md_len = kDigestBytes;  // SHA256_Final writes this many; SHA-224 shares the code
  }
};

struct Sha512 {
  using Context = SHA512_CTX;
  static constexpr size_t kDigestBytes = SHA512_DIGEST_LENGTH;
  static void Start(Context& c) { SHA512_Init(&c); }
  static void Add(Context& c, const void* data, size_t length) { SHA512_Update(&c, data, length); }
  static void Finish(Context& c, uint8_t* digest) { SHA512_Final(digest, &c); }
  using Word = uint64_t;
  static constexpr size_t kStateWords = 8;
  static void Save(const Context& c, uint64_t* s) { std::copy_n(c.h, 8, s); }
  static void Load(Context& c, const uint64_t* s) {
    std::copy_n(s, 8, c.h);
    c.md_len = kDigestBytes;  // SHA512_Final writes this many
  }
};

struct Sha384 : Sha512 {
  static constexpr size_t kDigestBytes = SHA384_DIGEST_LENGTH;
  static void Start(Context& c) { SHA384_Init(&c); }
  static void Load(Context& c, const uint64_t* s) {
    std::copy_n(s, 8, c.h);
    c.md_len = kDigestBytes;
  }
};

template <typename Hash>
constexpr size_t kBlockBytes = 16 * sizeof(typename Hash::Word);

// The inner state, then the outer one.
template <typename Hash>
const typename Hash::Word* StatesOf(const MacKey& key) {
  if constexpr (sizeof(typename Hash::Word) == sizeof(uint64_t)) {
    return key.wide()->words;
  } else {
    return key.states();
  }
}

// There is no default, so that a row of the table without a hash does not compile.
template <typename F>
auto WithHashOf(MacAlgorithm algorithm, F&& use) {
  switch (algorithm) {
    case MacAlgorithm::kHmacMd5_96:
      return use(Md5{});
    case MacAlgorithm::kHmacSha1_96:
      return use(Sha1{});
    case MacAlgorithm::kHmacSha256_128:
      return use(Sha256{});
    case MacAlgorithm::kHmacSha384_192:
      return use(Sha384{});
    case MacAlgorithm::kHmacSha512_256:
      return use(Sha512{});
    case MacAlgorithm::kAes128Cmac_96:
    case MacAlgorithm::kAes128Gmac:
    case MacAlgorithm::kAes256Gmac:
      break;  // ciphers
  }
  __builtin_unreachable();
}

// Continues from a state after one hashed block, the HMAC pad.
template <typename Hash>
void Resume(typename Hash::Context& context, const typename Hash::Word* state) {
  Hash::Load(context, state);
  context.Nl = kBlockBytes<Hash> * 8;  // bits hashed so far
  context.Nh = 0;
  context.num = 0;  // bytes waiting in the context's buffer, so the buffer may stay uninitialised
}

}  // namespace

size_t HashBlockBytes(MacAlgorithm algorithm) {
  return WithHashOf(algorithm, []<typename Hash>(Hash) { return kBlockBytes<Hash>; });
}

bool HasWideStates(MacAlgorithm algorithm) {
  return WithHashOf(algorithm, []<typename Hash>(Hash) { return sizeof(typename Hash::Word) == sizeof(uint64_t); });
}

size_t Digest(MacAlgorithm algorithm, std::span<const uint8_t> data, uint8_t* digest) {
  return WithHashOf(algorithm, [&]<typename Hash>(Hash) {
    typename Hash::Context context;
    Hash::Start(context);
    Hash::Add(context, data.data(), data.size());
    Hash::Finish(context, digest);
    OPENSSL_cleanse(&context, sizeof context);
    return Hash::kDigestBytes;
  });
}

size_t HashBlock(MacAlgorithm algorithm, std::span<const uint8_t> block, void* state) {
  return WithHashOf(algorithm, [&]<typename Hash>(Hash) {
    typename Hash::Context context;
    Hash::Start(context);
    Hash::Add(context, block.data(), block.size());
    Hash::Save(context, static_cast<typename Hash::Word*>(state));
    OPENSSL_cleanse(&context, sizeof context);
    return Hash::kStateWords * sizeof(typename Hash::Word);
  });
}

// RFC 2104 2: H(K ^ opad, H(K ^ ipad, data)), with both pads hashed already. The context needs no wiping: finishing it
// runs at least one more block through the state, so the key's states do not remain on the stack.
void Hmac(const MacKey& key, const uint8_t* data, size_t length, uint8_t* mac) {
  WithHashOf(key.algorithm(), [&]<typename Hash>(Hash) {
    typename Hash::Context context;
    const typename Hash::Word* states = StatesOf<Hash>(key);
    Resume<Hash>(context, states);
    Hash::Add(context, data, length);
    Hash::Finish(context, mac);
    Resume<Hash>(context, states + Hash::kStateWords);
    Hash::Add(context, mac, Hash::kDigestBytes);
    Hash::Finish(context, mac);
  });
}

}  // namespace dpvrrp::internal
