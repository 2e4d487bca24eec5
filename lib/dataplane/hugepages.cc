// SPDX-License-Identifier: BSD-3-Clause
#include "dataplane/hugepages.h"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <fstream>
#include <system_error>

#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"

namespace dpvrrp {
namespace {

uint64_t ReadNumber(const std::filesystem::path& file) {
  uint64_t number = 0;
  std::ifstream(file) >> number;
  return number;
}

// The page size of a mount without pagesize=.
uint64_t DefaultPageKib(const std::filesystem::path& root) {
  std::ifstream file(root / "proc/meminfo");
  uint64_t kib = 0;
  for (std::string line; std::getline(file, line);) {
    const std::vector<absl::string_view> words = absl::StrSplit(line, ' ', absl::SkipEmpty());
    if (words.size() > 1 && words[0] == "Hugepagesize:" && absl::SimpleAtoi(words[1], &kib)) return kib;
  }
  return 0;
}

// The page size in "rw,relatime,pagesize=2M" or "pagesize=1024M"; `or_else` if there is none.
uint64_t PageKibOf(absl::string_view options, uint64_t or_else) {
  for (absl::string_view option : absl::StrSplit(options, ',')) {
    if (!absl::ConsumePrefix(&option, "pagesize=") || option.empty()) continue;
    uint64_t unit = 1;
    if (absl::ConsumeSuffix(&option, "M")) unit = 1024;
    if (absl::ConsumeSuffix(&option, "G")) unit = 1024 * 1024;
    absl::ConsumeSuffix(&option, "K");
    uint64_t number = 0;
    if (absl::SimpleAtoi(option, &number)) return number * unit;
  }
  return or_else;
}

void FindMounts(const std::filesystem::path& root, std::vector<HugePages>& sizes) {
  const uint64_t default_kib = DefaultPageKib(root);
  std::ifstream file(root / "proc/self/mounts");
  for (std::string line; std::getline(file, line);) {
    const std::vector<std::string> fields = absl::StrSplit(line, ' ');
    if (fields.size() < 4 || fields[2] != "hugetlbfs") continue;
    const uint64_t kib = PageKibOf(fields[3], default_kib);
    const auto size = std::find_if(sizes.begin(), sizes.end(), [&](const HugePages& s) { return s.page_kib == kib; });
    if (size == sizes.end()) continue;
    size->mounted = true;
    const std::filesystem::path folder = root / std::filesystem::path(fields[1]).relative_path();
    if (faccessat(AT_FDCWD, folder.c_str(), W_OK | X_OK, AT_EACCESS) == 0) size->mount = fields[1];
  }
}

}  // namespace

std::vector<HugePages> ReadHugePages(const std::filesystem::path& root) {
  std::vector<HugePages> sizes;
  std::error_code error;
  for (const auto& entry : std::filesystem::directory_iterator(root / "sys/kernel/mm/hugepages", error)) {
    const std::string name = entry.path().filename();
    absl::string_view number = name;
    HugePages size;
    if (!absl::ConsumePrefix(&number, "hugepages-") || !absl::ConsumeSuffix(&number, "kB") ||
        !absl::SimpleAtoi(number, &size.page_kib)) {
      continue;
    }
    const auto read = [&](const char* file) { return ReadNumber(entry.path() / file); };
    size.reserved = read("nr_hugepages");
    const uint64_t free = read("free_hugepages"), promised = read("resv_hugepages");
    const uint64_t on_demand = read("nr_overcommit_hugepages"), added = read("surplus_hugepages");
    size.free = (free > promised ? free - promised : 0) + (on_demand > added ? on_demand - added : 0);
    sizes.push_back(size);
  }
  std::sort(sizes.begin(), sizes.end(), [](const auto& a, const auto& b) { return a.page_kib < b.page_kib; });
  FindMounts(root, sizes);
  return sizes;
}

}  // namespace dpvrrp
