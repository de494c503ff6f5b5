// The PROXY protocol's header, and who may send one.
#include <gtest/gtest.h>

#include "runtime/net/proxy/header.h"

namespace rr::net::proxy {
namespace {

Parsed parse(std::string_view bytes, Peer& peer, std::size_t& size) {
  return parse_header(bytes, size, peer);
}

TEST(ProxyHeader, Version1) {
  Peer peer;
  std::size_t size = 0;
  EXPECT_EQ(parse("PROXY TCP4 192.0.2.1 192.0.2.2 1000 443\r\nGET", peer, size), Parsed::complete);
  EXPECT_EQ(size, 41u);
  EXPECT_EQ(peer.remote_address, "192.0.2.1");
  EXPECT_EQ(peer.remote_port, 1000);
  EXPECT_EQ(peer.local_address, "192.0.2.2");
  EXPECT_EQ(peer.local_port, 443);
  Peer other{.remote_address = "kept"};
  EXPECT_EQ(parse("PROXY UNKNOWN whatever\r\n", other, size), Parsed::complete);
  EXPECT_EQ(other.remote_address, "kept");
}

TEST(ProxyHeader, Version2) {
  std::string bytes("\r\n\r\n\0\r\nQUIT\n\x21\x11\0\x0c\xc0\0\2\1\xc0\0\2\2\3\xe8\1\xbb", 28);
  Peer peer;
  std::size_t size = 0;
  EXPECT_EQ(parse(bytes, peer, size), Parsed::complete);
  EXPECT_EQ(size, 28u);
  EXPECT_EQ(peer.remote_address, "192.0.2.1");
  EXPECT_EQ(peer.remote_port, 1000);
  for (std::size_t cut = 0; cut < bytes.size(); ++cut)
    EXPECT_EQ(parse(std::string_view(bytes).substr(0, cut), peer, size), Parsed::incomplete) << cut;
  Peer local{.remote_address = "kept"};
  EXPECT_EQ(parse(std::string("\r\n\r\n\0\r\nQUIT\n\x20\0\0\0", 16), local, size),
            Parsed::complete);
  EXPECT_EQ(local.remote_address, "kept");
}

TEST(ProxyHeader, WhatIsNone) {
  Peer peer;
  std::size_t size = 0;
  for (const std::string& bytes :
       {std::string("GET / HTTP/1.1\r\n"), std::string("PROXY TCP4 1.2.3 1.2.3.4 1 2\r\n"),
        std::string("PROXY TCP4 1.2.3.4 1.2.3.4 1 99999\r\n"), std::string("PROXY TCP9 x\r\n"),
        "PROXY TCP4 " + std::string(200, '1'),
        std::string("\r\n\r\n\0\r\nQUIT\n\x31\x11\0\x0c", 16),
        std::string("\r\n\r\n\0\r\nQUIT\n\x21\x11\xff\xff", 16)})
    EXPECT_EQ(parse(bytes, peer, size), Parsed::malformed) << bytes;
}

TEST(ProxySubnets, ContainAddresses) {
  const Subnets subnets({"10.0.0.0/8", "192.0.2.7", "2001:db8::/33", "unix"});
  for (const char* inside : {"10.255.0.1", "192.0.2.7", "2001:db8:7fff::1", "@"})
    EXPECT_TRUE(subnets.contains(inside)) << inside;
  for (const char* outside : {"11.0.0.1", "192.0.2.8", "2001:db8:8000::1", "::1", "nonsense"})
    EXPECT_FALSE(subnets.contains(outside)) << outside;
  EXPECT_FALSE(Subnets({}).contains("@"));
  EXPECT_EQ(Subnets::wrong_entry({"10.0.0.0/8", "10.0.0.0/33"}), "10.0.0.0/33");
  EXPECT_EQ(Subnets::wrong_entry({"x"}), "x");
}

}  // namespace
}  // namespace rr::net::proxy
