// SPDX-License-Identifier: BSD-3-Clause
//
// The kernel's huge pages, as far as EAL can use them.
//
// Thread: any.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

namespace dpvrrp {

struct HugePages {
  uint64_t page_kib = 0;
  uint64_t reserved = 0;  // pages, in use or free
  uint64_t free = 0;      // pages that this process could take, including those that the kernel adds on demand
  std::string mount;      // writable hugetlbfs with this page size; empty: none
  bool mounted = false;   // there is a hugetlbfs with this page size, perhaps not writable

  uint64_t usable_bytes() const { return mount.empty() ? 0 : free * page_kib * 1024; }
};

// Every page size of the kernel, in ascending order; empty: no huge pages at all. `root`: "/", or a test's folder.
std::vector<HugePages> ReadHugePages(const std::filesystem::path& root = "/");

}  // namespace dpvrrp
