// SPDX-License-Identifier: BSD-3-Clause
#include "dataplane/xdp_table.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <memory>
#include <numeric>

namespace dpvrrp {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

class XdpTable : public ::testing::Test {
 protected:
  const dpvrrp_xdp_table& in_force() const { return shared_->tables[shared_->changes & 1]; }
  bool Has(uint32_t list, uint32_t address) const {
    const uint64_t cell = dpvrrp_xdp_cell(list, address);
    return std::find(std::begin(in_force().cells), std::end(in_force().cells), cell) != std::end(in_force().cells);
  }

  std::unique_ptr<dpvrrp_xdp_selection> shared_ = std::make_unique<dpvrrp_xdp_selection>();
};

TEST_F(XdpTable, AnotherSelectionReplacesTheFormerOne) {
  TrafficSelection selection;
  selection.v4.hosts = {1};
  selection.v4.queries = true;
  EXPECT_THAT(PutInForce(selection, *shared_), IsEmpty());
  EXPECT_TRUE(Has(DPVRRP_XDP_ARP, 1));
  EXPECT_FALSE(Has(DPVRRP_XDP_ND, 1));
  EXPECT_EQ(in_force().flags, DPVRRP_XDP_QUERIES_V4);

  for (const uint32_t address : {2u, 3u, 4u}) {
    selection = {};
    selection.v6.hosts = {address};
    PutInForce(selection, *shared_);
    EXPECT_TRUE(Has(DPVRRP_XDP_ND, address));
    EXPECT_FALSE(Has(DPVRRP_XDP_ND, address - 1) || Has(DPVRRP_XDP_ARP, 1));
    EXPECT_EQ(in_force().flags, 0u);
  }
}

TEST_F(XdpTable, TheLongestListsFitAndALongerOneSelectsItsKind) {
  TrafficSelection selection;
  for (FamilySelection* family : {&selection.v4, &selection.v6}) {
    for (std::vector<uint32_t>* list : {&family->ah, &family->hosts, &family->echo}) {
      list->resize(kMaxXdpListed);
      std::iota(list->begin(), list->end(), 0x0a630000);
    }
  }
  EXPECT_THAT(PutInForce(selection, *shared_), IsEmpty());
  selection.v4.hosts.push_back(1);
  selection.v6.ah.push_back(1);
  EXPECT_THAT(PutInForce(selection, *shared_), ElementsAre("ARP", "IPv6 AH"));
  EXPECT_EQ(in_force().flags, 1u << DPVRRP_XDP_ARP | 1u << DPVRRP_XDP_AH_V6);
}

}  // namespace
}  // namespace dpvrrp
