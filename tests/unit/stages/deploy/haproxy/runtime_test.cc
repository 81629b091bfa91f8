#include "stages/deploy/haproxy/runtime.h"

namespace pipeline::deploy::haproxy {
namespace {

// As HAProxy 2.6 says it.
constexpr const char* kServers =
    "1\n"
    "# be_id be_name srv_id srv_name srv_addr srv_op_state srv_admin_state srv_uweight srv_iweight "
    "srv_time_since_last_change srv_check_status srv_check_result srv_check_health srv_check_state "
    "srv_agent_state bk_f_forced_id srv_f_forced_id srv_fqdn srv_port srvrecord srv_use_ssl "
    "srv_check_port srv_check_addr srv_agent_addr srv_agent_port\n"
    "4 blue 1 s1 127.0.0.1 2 0 1 1 1 15 3 4 6 0 0 0 - 8101 - 0 0 - - 0\n"
    "4 blue 2 s2 127.0.0.1 2 4 1 1 1 15 3 4 6 0 0 0 - 8102 - 0 0 - - 0\n"
    "4 blue 3 s3 127.0.0.1 0 5 1 1 2 1 0 0 14 0 0 0 - 9 - 0 0 - - 0\n"
    "5 green 1 s1 ::1 2 8 1 1 2 1 0 0 14 0 0 0 - 8103 - 0 0 - - 0\n"
    "\n";

TEST(Runtime, UnderstandsServers) {
  const auto states = parse_servers(kServers);
  ASSERT_TRUE(states);
  const ServerStates expected = {
      {{"blue", "s1"}, {"127.0.0.1", 8101, ServerMode::ready}},
      {{"blue", "s2"}, {"127.0.0.1", 8102, ServerMode::ready}},  // 4: once disabled by the file
      {{"blue", "s3"}, {"127.0.0.1", 9, ServerMode::maintenance, true}},
      {{"green", "s1"}, {"::1", 8103, ServerMode::draining}},
  };
  EXPECT_EQ(*states, expected);
}

TEST(Runtime, TakesColumnsByName) {
  const auto states = parse_servers(
      "# srv_port x be_name srv_admin_state srv_name srv_addr\n"
      "7 ? b 0 s h\n");
  ASSERT_TRUE(states);
  EXPECT_EQ(states->at({"b", "s"}), (ServerState{"h", 7, ServerMode::ready}));
}

TEST(Runtime, UnderstandsStatistics) {
  const auto rows = parse_stat(
      "# pxname,svname,qcur,scur,hrsp_5xx,req_tot,\n"
      "public,FRONTEND,,2,1,10,\n"
      "blue,s1,1,2,0,,\n"
      "blue,BACKEND,0,3,4,12,\n\n");
  ASSERT_TRUE(rows);
  EXPECT_EQ(rows->at({"blue", "s1"}).sessions, 2U);
  EXPECT_EQ(rows->at({"blue", "s1"}).queued, 1U);
  EXPECT_EQ(rows->at({"blue", "s1"}).requests, 0U) << "a counter that is not kept for servers";
  EXPECT_EQ(rows->at({"blue", "BACKEND"}).requests, 12U);
  EXPECT_EQ(rows->at({"blue", "BACKEND"}).errors, 4U);
}

TEST(Runtime, UnderstandsShareAndPid) {
  EXPECT_EQ(parse_share("0x562015fa36e0 green 50\n\n"), 50U);
  EXPECT_EQ(parse_pid("Name: HAProxy\nPid: 812\nUptime: 0d\n"), 812);
}

TEST(Runtime, RefusesWhatItDoesNotUnderstand) {
  EXPECT_FALSE(parse_servers("Permission denied\n"));
  EXPECT_FALSE(parse_servers("# be_name srv_name srv_port srv_admin_state\nb s x 0\n"));
  EXPECT_FALSE(parse_servers("# be_name srv_name srv_port srv_admin_state\nb s 70000 0\n"));
  EXPECT_FALSE(parse_stat(""));
  EXPECT_FALSE(parse_stat("# pxname,svname,scur\nb,s,-1\n"));
  EXPECT_FALSE(parse_share("Unknown map identifier.\n"));
  EXPECT_FALSE(parse_share("0x1 green 101\n"));
  EXPECT_FALSE(parse_pid("Pid: \n"));
  EXPECT_FALSE(parse_pid(""));
}

}  // namespace
}  // namespace pipeline::deploy::haproxy
