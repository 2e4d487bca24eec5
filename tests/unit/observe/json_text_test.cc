// SPDX-License-Identifier: BSD-3-Clause
#include "observe/json_text.h"

#include <gtest/gtest.h>

namespace dpvrrp {
namespace {

TEST(JsonTextTest, WritesNestedValues) {
  JsonText json;
  json.BeginObject();
  json.Key("empty").BeginArray().End();
  json.Key("list").BeginArray();
  json.Number(-1).Bool(true).Text("a").BeginObject().End();
  json.End();
  json.Key("big").LongNumber(UINT64_MAX);
  json.End();
  EXPECT_EQ(json.Take(), R"({"empty":[],"list":[-1,true,"a",{}],"big":"18446744073709551615"})");
}

TEST(JsonTextTest, EscapesWhatRfc8259Requires) {
  JsonText json;
  json.BeginObject().Key("a\"b").Text("\\ \x01 \n \x7f é").End();
  EXPECT_EQ(json.Take(), "{\"a\\\"b\":\"\\\\ \\u0001 \\u000a \x7f é\"}");
}

}  // namespace
}  // namespace dpvrrp
