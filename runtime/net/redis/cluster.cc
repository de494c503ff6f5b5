#include <algorithm>
#include <array>
#include <mutex>

#include "runtime/net/redis/nodes.h"
#include "runtime/net/redis/topology.h"

namespace rr::redis {

namespace {

constexpr unsigned kSlots = 16384;

// CRC16 of the XMODEM kind, as redis computes it.
constexpr std::array<std::uint16_t, 256> make_crc_table() {
  std::array<std::uint16_t, 256> table{};
  for (unsigned i = 0; i < 256; ++i) {
    unsigned value = i << 8;
    for (int bit = 0; bit < 8; ++bit)
      value = (value & 0x8000U) != 0 ? (value << 1) ^ 0x1021U : value << 1;
    table[i] = static_cast<std::uint16_t>(value);
  }
  return table;
}
constexpr auto kCrcTable = make_crc_table();

// Asks any node who has which slots, and anew when one says that it has moved.
class Cluster final : public Topology {
 public:
  Cluster(const Settings& settings, TlsContext* tls)
      : settings_(settings),
        pools_(settings, tls,
               {settings.username, settings.password, 0,
                settings.read_only || settings.route_by_latency || settings.route_randomly}) {}

  Result<Pool*> pick(std::string_view key, Access access) override {
    auto map = current();
    if (!map) return std::move(map).error();
    const std::uint16_t group = (*map)->slots[slot_of(key)];
    if (group == kNobody) {
      doubt();
      return Error(Errc::network, "", "CLUSTERDOWN Hash slot not served");
    }
    return choose((*map)->groups[group], access, settings_);
  }
  Result<std::vector<Pool*>> masters() override {
    auto map = current();
    if (!map) return std::move(map).error();
    std::vector<Pool*> masters;
    for (const Group& group : (*map)->groups) {
      if (std::ranges::find(masters, group.master) == masters.end())
        masters.push_back(group.master);
    }
    return masters;
  }
  Pool& at(const std::string& address) override { return pools_.at(address); }
  void doubt() override {
    std::lock_guard lock(mutex_);
    doubted_ = true;
  }
  void tidy() override {
    doubt();
    static_cast<void>(current());  // who waits for it hears of errors
    pools_.tidy();
  }
  std::vector<Pool*> pools() override { return pools_.all(); }
  bool is_cluster() const override { return true; }

 private:
  static constexpr std::uint16_t kNobody = 0xFFFF;
  struct Map {
    std::vector<Group> groups;
    std::array<std::uint16_t, kSlots> slots;
  };
  // Of this and of the calls that use it.
  using SharedMap = std::shared_ptr<const Map>;

  Result<SharedMap> current() {
    std::lock_guard lock(mutex_);  // one asks, the others wait for the answer
    if (map_ && !doubted_) return map_;
    Error last(Errc::network, "", "redis: no node was asked");
    for (Pool* node : nodes_to_ask()) {
      auto map = ask(*node);
      if (!map) {
        last = std::move(map).error();
        continue;
      }
      map_ = std::move(*map);
      doubted_ = false;
      return map_;
    }
    return last;
  }

  // Those that had slots, and those of the configuration.
  std::vector<Pool*> nodes_to_ask() {
    std::vector<Pool*> nodes;
    if (map_) {
      for (const Group& group : map_->groups) nodes.push_back(group.master);
    }
    for (const std::string& address : settings_.addrs) nodes.push_back(&pools_.at(address));
    return nodes;
  }

  Result<SharedMap> ask(Pool& node) {
    auto lease = node.take();
    if (!lease) return std::move(lease).error();
    auto reply = (*lease)->run(Command{"CLUSTER", "SLOTS"});
    if (!reply) {
      lease->broken();
      return std::move(reply).error();
    }
    if (!reply->is(Reply::Kind::list)) return Error(Errc::network, "", reply->text);
    auto map = std::make_shared<Map>();
    map->slots.fill(kNobody);
    for (const Reply& range : reply->items) add_range(*map, range, host_of(node.address()));
    if (settings_.route_by_latency) {
      for (const Group& group : map->groups) measure(group);
    }
    return SharedMap(std::move(map));
  }

  void add_range(Map& map, const Reply& range, const std::string& host_of_asked) {
    if (range.items.size() < 3 || map.groups.size() >= kNobody) return;
    Group group;
    for (std::size_t i = 2; i < range.items.size(); ++i) {
      const std::vector<Reply>& node = range.items[i].items;
      if (node.size() < 2) continue;
      const std::string& host = node[0].text.empty() ? host_of_asked : node[0].text;
      Pool* pool = &pools_.at(join_address(host, std::to_string(node[1].integer)));
      if (group.master == nullptr) {
        group.master = pool;
      } else {
        group.replicas.push_back(pool);
      }
    }
    if (group.master == nullptr) return;
    const std::int64_t last = std::min<std::int64_t>(range.items[1].integer, kSlots - 1);
    for (std::int64_t slot = std::max<std::int64_t>(range.items[0].integer, 0); slot <= last;
         ++slot)
      map.slots[static_cast<std::size_t>(slot)] = static_cast<std::uint16_t>(map.groups.size());
    map.groups.push_back(std::move(group));
  }

  const Settings& settings_;
  Pools pools_;
  std::mutex mutex_;  // guards the rest
  SharedMap map_;
  bool doubted_ = false;
};

}  // namespace

unsigned slot_of(std::string_view key) {
  // Of "{tag}key" the tag counts.
  if (const std::size_t open = key.find('{'); open != std::string_view::npos) {
    const std::size_t close = key.find('}', open + 1);
    if (close != std::string_view::npos && close > open + 1)
      key = key.substr(open + 1, close - open - 1);
  }
  unsigned crc = 0;
  for (const char c : key)
    crc = (crc << 8 & 0xFFFFU) ^ kCrcTable[(crc >> 8 ^ static_cast<unsigned char>(c)) & 0xFF];
  return crc % kSlots;
}

std::unique_ptr<Topology> make_cluster(const Settings& settings, TlsContext* tls) {
  return std::make_unique<Cluster>(settings, tls);
}

}  // namespace rr::redis
