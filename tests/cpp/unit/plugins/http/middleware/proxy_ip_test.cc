// spec:02#51
#include <vector>

#include <gtest/gtest.h>

#include "runtime/plugins/http/middleware/proxy_ip_parser/parse.h"
#include "tests/cpp/unit/plugins/http/sample_request.h"

namespace rr::http::proxy_ip {
namespace {

TEST(ProxyIp, FindsTheClientOfForwarded) {
  EXPECT_EQ(client_of_forwarded("by=foo;for=3.11.0.1;proto=http"), "3.11.0.1");
  EXPECT_EQ(client_of_forwarded("For=4.3.2.1, for=5.5.5.5"), "4.3.2.1");
  EXPECT_EQ(client_of_forwarded("for=\"[2001:db8::17]:4711\""), "[2001:db8::17]:4711");
  EXPECT_EQ(client_of_forwarded("for=;for=1.1.1.1"), "1.1.1.1");
  EXPECT_EQ(client_of_forwarded("foo"), "");
  EXPECT_EQ(client_of_forwarded("for="), "");
  EXPECT_EQ(client_of_forwarded("proto=http"), "");
}

TEST(ProxyIp, FirstForwardedForIsTheLeftOne) {
  EXPECT_EQ(first_forwarded_for(" 9.10.11.12 , 172.16.0.1"), "9.10.11.12");
  EXPECT_EQ(first_forwarded_for(",1.1.1.1"), "");
}

TEST(ProxyIp, LastUntrustedSkipsTrustedProxies) {
  const std::vector<Subnet> trusted{*Subnet::parse("10.0.0.0/8"), *Subnet::parse("fd00::/8")};
  const auto of = [&](const std::string& fields) {
    SampleRequest request("GET / HTTP/1.1\r\n" + fields + "\r\n");
    return last_untrusted(*request, trusted);
  };
  EXPECT_EQ(of("X-Forwarded-For: 6.6.6.6, 1.2.3.4, 10.0.0.1\r\n"), "1.2.3.4");
  EXPECT_EQ(of("X-Forwarded-For: 6.6.6.6\r\nX-Forwarded-For: 1.2.3.4:99\r\n"
               "x-forwarded-for: [fd00::1]:80, 10.2.2.2\r\n"),
            "1.2.3.4:99");
  EXPECT_EQ(of("X-Forwarded-For: 10.0.0.1, 10.0.0.2\r\n"), "10.0.0.1");
  EXPECT_EQ(of("X-Forwarded-For: 1.2.3.4, unknown\r\n"), "unknown");
  EXPECT_EQ(of(""), "");
}

TEST(Subnet, ContainsItsAddresses) {
  const auto contains = [](const char* subnet, const char* address) {
    return Subnet::parse(subnet)->contains(*parse_address(address));
  };
  EXPECT_TRUE(contains("10.0.0.0/8", "10.255.1.2"));
  EXPECT_FALSE(contains("10.0.0.0/8", "11.0.0.0"));
  EXPECT_TRUE(contains("192.168.1.128/25", "192.168.1.129"));
  EXPECT_FALSE(contains("192.168.1.128/25", "192.168.1.127"));
  EXPECT_TRUE(contains("10.0.0.0/8", "::ffff:10.1.1.1"));
  EXPECT_TRUE(contains("0.0.0.0/0", "8.8.8.8"));
  EXPECT_FALSE(contains("0.0.0.0/0", "::1"));
  EXPECT_TRUE(contains("::1/128", "::1"));
  EXPECT_TRUE(contains("fe80::/10", "fe80::1%eth0"));
}

TEST(Subnet, RefusesWhatIsNone) {
  for (const char* text : {"10.0.0.0", "10.0.0.0/33", "10.0.0.0/", "10.0.0.0/x", "10.0.0.0/-1",
                           "x/8", "/8", "::1/129", "10.0.0/8", "10.0.0.0/0008"})
    EXPECT_FALSE(Subnet::parse(text)) << text;
  for (const char* text : {"@", "", "unknown", "1.2.3.4.5", "1.2.3.4:80", "[::1]"})
    EXPECT_FALSE(parse_address(text)) << text;
}

}  // namespace
}  // namespace rr::http::proxy_ip
