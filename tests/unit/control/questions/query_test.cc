// SPDX-License-Identifier: BSD-3-Clause
//
// Control asks the lcores for the state of instances: a few at a time, and each lcore only for its own.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "pipeline/segment_owner.h"
#include "unit/control/gateway.h"

namespace dpvrrp {
namespace {

using ::testing::HasSubstr;
using ::testing::Le;
using ::testing::Not;
using ::testing::SizeIs;

// The queries on their way to an lcore.
std::vector<InstanceQuery*> QueriesIn(const Outbox& outbox) {
  std::vector<InstanceQuery*> queries;
  for (const ShardCommand& command : outbox.shard) {
    if (const auto* asked = std::get_if<command::Query>(&command)) queries.push_back(asked->query);
  }
  return queries;
}

size_t Rows(const std::string& json) {
  size_t rows = 0;
  for (size_t at = 0; (at = json.find("\"name\":", at)) != std::string::npos; ++at) ++rows;
  return rows;
}

TEST(QueryTest, ManyInstancesAreAskedForAFewAtATime) {
  Gateway gateway;
  gateway.Start(WithInstances(OnVlans(200)));
  gateway.controller.OnCommand(RequesterId(7), "show instances --json", gateway.Time());
  size_t asked = 0;
  while (gateway.answers.empty()) {
    const std::vector<InstanceQuery*> queries = QueriesIn(gateway.controller.outbox());
    ASSERT_THAT(queries, SizeIs(1));  // the next one is sent after the answer to this one
    EXPECT_THAT(queries[0]->wanted, SizeIs(Le(kMaxQueryRouters)));
    asked += queries[0]->wanted.size();
    Outbox out = std::exchange(gateway.controller.outbox(), Outbox{});
    for (const ShardCommand& command : out.shard) gateway.shard.Apply(command);
    for (const ShardEvent& event : gateway.shard.Events()) gateway.controller.OnShardEvent(event, gateway.Time());
    gateway.answers = gateway.controller.outbox().answers;
  }
  EXPECT_EQ(asked, 200u);
  EXPECT_EQ(Rows(gateway.answers[0].body), 200u);
  EXPECT_THAT(gateway.answers[0].body, Not(HasSubstr("\"state\":\"Initialize\"")));
}

// The first slice is in progress when the other instances are removed.
TEST(QueryTest, InstancesThatAreRemovedMeanwhileAreNotAskedFor) {
  Gateway gateway;
  gateway.Start(WithInstances(OnVlans(200)));
  gateway.controller.OnCommand(RequesterId(7), "show instances --json", gateway.Time());
  gateway.services.next_load.config = WithInstances(OnVlans(3));
  ASSERT_TRUE(gateway.controller.Reload(gateway.Time()).ok());
  gateway.answers.clear();
  gateway.Turn();
  ASSERT_THAT(gateway.answers, SizeIs(1));
  EXPECT_EQ(gateway.answers[0].status, Answer::Status::kOk);
  EXPECT_EQ(Rows(gateway.answers[0].body), 3u);
}

TEST(QueryTest, AQueryIsForInstancesOfOneWorker) {
  FakeServices services;
  TestShard shard;
  const ControlTime t{kTestStart, 0};
  Controller controller(services, {{"lan", PortId(0), Mac("02:00:00:00:00:0b"), {2, 5, 7}}}, {}, "openssl", t);
  controller.Start(WithInstances(OnVlans(200)), t);
  ASSERT_TRUE(controller.not_started().entries().empty());
  std::vector<size_t> asked(3);
  const auto carry = [&] {
    Outbox out = std::exchange(controller.outbox(), Outbox{});
    for (const InstanceQuery* query : QueriesIn(out)) {
      const size_t owner = SegmentOwner(query->wanted[0]->config.vlan, 3);
      for (const VirtualRouter* router : query->wanted) {
        EXPECT_EQ(SegmentOwner(router->config.vlan, 3), owner);
        ++asked[owner];
      }
    }
    for (const ShardCommand& command : out.shard) shard.Apply(command);
    shard.Transmit();
    std::vector<ShardEvent> events(1024);
    events.resize(shard.shard->TakeEvents(events));
    for (const ShardEvent& event : events) controller.OnShardEvent(event, t);
    return out;
  };
  carry();
  controller.OnCommand(RequesterId(7), "show instances --json", t);
  std::vector<Answer> answers;
  for (int i = 0; i < 10 && answers.empty(); ++i) answers = carry().answers;
  ASSERT_THAT(answers, SizeIs(1));
  EXPECT_EQ(Rows(answers[0].body), 200u);
  EXPECT_THAT(asked, testing::ElementsAre(66, 67, 67));
  controller.Shutdown(t);
  while (!controller.Finished()) carry();
}

TEST(WorkersReportTest, HasARowEach) {
  Gateway gateway;
  gateway.services.workers = {{.lcore = 1, .icv_engine = "openssl", .turns = 7, .longest_turn_us = 41},
                              {.lcore = 4, .icv_engine = "openssl", .handed_over = 3}};
  const std::string body = gateway.Ask("show workers --json").body;
  EXPECT_THAT(body, HasSubstr(R"({"lcore":1,"icv_engine":"openssl","turns":7,"rests":0,"longest_turn_us":41,)"));
  EXPECT_THAT(body, HasSubstr(R"({"lcore":4,)"));
  EXPECT_THAT(body, HasSubstr(R"("handed_over":3)"));
}

TEST(WorkersReportTest, NamesTheScheduling) {
  Gateway gateway;
  gateway.services.workers = {{.lcore = 1, .icv_engine = "openssl", .scheduling = "fifo 11"}};
  EXPECT_THAT(gateway.Ask("show workers --json").body, HasSubstr(R"("scheduling":"fifo 11")"));
}

TEST(StatusReportTest, NamesTheSchedulingAndLogLinesThatWereDropped) {
  Gateway gateway;
  gateway.services.process = {.scheduling = "fifo 10", .log_lines_dropped = 12};
  const std::string body = gateway.Ask("show status --json").body;
  EXPECT_THAT(body, HasSubstr(R"("scheduling":"fifo 10")"));
  EXPECT_THAT(body, HasSubstr(R"("log_lines_dropped":12)"));
}

TEST(ClientsReportTest, ListsTheClientsAndTheirRequests) {
  Gateway gateway;
  gateway.services.clients = {{.number = 3,
                               .pid = 4711,
                               .uid = 1000,
                               .user = "alice",
                               .connected_seconds = 90,
                               .idle_seconds = 61,
                               .request = "show events --follow"},
                              {.number = 9, .uid = 12345}};
  const std::string body = gateway.Ask("show clients --json").body;
  EXPECT_THAT(body, HasSubstr(R"({"client":3,"pid":4711,"user":"alice","uid":1000,"connected_seconds":90,)"
                              R"("idle_seconds":61,"request":"show events --follow","socket":"admin"})"));
  EXPECT_THAT(body, HasSubstr(R"({"client":9,"pid":null,"user":null,"uid":12345,)"));
}

}  // namespace
}  // namespace dpvrrp
