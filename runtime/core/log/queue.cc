#include "runtime/core/log/queue.h"

#include <algorithm>
#include <cstring>

namespace rr::log {

namespace {

constexpr std::chrono::milliseconds kBatch{4};

// Layout of a record: Head, message, then for each field its key, index of the value's type, value.
// Numbers are copied unaligned.
struct Head {
  std::uint32_t bytes;
  Level level;
  std::int64_t unix_ns;
  Channel* channel;
  std::uint32_t message_bytes;
  std::uint32_t fields;
};

template <class T>
void put(std::string& out, const T& value) {
  static_assert(std::is_trivially_copyable_v<T>);
  out.append(reinterpret_cast<const char*>(&value), sizeof value);
}

void put_text(std::string& out, std::string_view text) {
  put(out, static_cast<std::uint32_t>(text.size()));
  out += text;
}

void put_value(std::string& out, const Value& value) {
  put(out, static_cast<std::uint8_t>(value.index()));
  std::visit(
      [&](const auto& held) {
        using Held = std::decay_t<decltype(held)>;
        if constexpr (std::is_same_v<Held, std::string_view>) {
          put_text(out, held);
        } else if constexpr (std::is_same_v<Held, std::span<const std::string>>) {
          put(out, static_cast<std::uint32_t>(held.size()));
          for (const std::string& item : held) put_text(out, item);
        } else {
          put(out, held);
        }
      },
      value);
}

class Reader {
 public:
  explicit Reader(std::string_view bytes) : bytes_(bytes) {}

  template <class T>
  T get() {
    T value;
    std::memcpy(&value, bytes_.data(), sizeof value);
    bytes_.remove_prefix(sizeof value);
    return value;
  }
  std::string_view take(std::size_t length) {
    const std::string_view text = bytes_.substr(0, length);
    bytes_.remove_prefix(length);
    return text;
  }
  std::string_view text() { return take(get<std::uint32_t>()); }

  Value value(std::vector<std::vector<std::string>>& lists) {
    switch (get<std::uint8_t>()) {
      case 0:
        return get<bool>();
      case 1:
        return get<std::int64_t>();
      case 2:
        return get<std::uint64_t>();
      case 3:
        return get<double>();
      case 4:
        return text();
      case 5:
        return get<Duration>();
      case 6:
        return get<std::chrono::system_clock::time_point>();
      default:
        break;
    }
    std::vector<std::string> items(get<std::uint32_t>());
    for (std::string& item : items) item = text();
    return std::span<const std::string>(lists.emplace_back(std::move(items)));
  }

 private:
  std::string_view bytes_;
};

std::size_t shard_of_this_thread(std::size_t shards) {
  static std::atomic<std::size_t> next{0};
  thread_local const std::size_t mine = next.fetch_add(1, std::memory_order_relaxed);
  return mine % shards;
}

Head head_of(std::string_view bytes) {
  Head head;
  std::memcpy(&head, bytes.data(), sizeof head);
  return head;
}

}  // namespace

void Queue::push(Channel& channel, Level level, std::int64_t unix_ns, std::string_view message,
                 std::span<const KeyValue> fields) {
  Shard& shard = shards_[shard_of_this_thread(kShards)];
  {
    std::unique_lock lock(shard.mutex);
    while (shard.bytes.size() > kMaxBytes) {
      wake();
      shard.drained.wait(lock);
    }
    const std::size_t start = shard.bytes.size();
    // Zeroed first: padding goes through memory checkers too.
    Head head;
    std::memset(static_cast<void*>(&head), 0, sizeof head);
    head.level = level;
    head.unix_ns = unix_ns;
    head.channel = &channel;
    head.message_bytes = static_cast<std::uint32_t>(message.size());
    head.fields = static_cast<std::uint32_t>(fields.size());
    put(shard.bytes, head);
    shard.bytes += message;
    for (const KeyValue& field : fields) {
      put_text(shard.bytes, field.key);
      put_value(shard.bytes, field.value);
    }
    const auto bytes = static_cast<std::uint32_t>(shard.bytes.size() - start);
    std::memcpy(shard.bytes.data() + start + offsetof(Head, bytes), &bytes, sizeof bytes);
  }
  if (asleep_.load() && asleep_.exchange(false)) {
    const std::lock_guard lock(sleep_mutex_);
    sleep_.notify_one();
  }
}

bool Queue::drain(const std::function<void(const Queued&)>& visit) {
  // All at once: a record that was pushed because another one had been must not be taken without
  // it.
  for (Shard& shard : shards_) shard.mutex.lock();
  for (std::size_t i = 0; i < kShards; ++i) taken_[i].swap(shards_[i].bytes);
  for (Shard& shard : shards_) shard.mutex.unlock();
  for (Shard& shard : shards_) shard.drained.notify_all();

  std::array<std::string_view, kShards> left;
  for (std::size_t i = 0; i < kShards; ++i) left[i] = taken_[i];
  std::vector<KeyValue> fields;
  std::vector<std::vector<std::string>> lists;
  bool any = false;
  for (;;) {
    std::string_view* first = nullptr;
    Head head{};
    for (std::string_view& bytes : left) {
      if (bytes.empty()) continue;
      const Head candidate = head_of(bytes);
      if (first == nullptr || candidate.unix_ns < head.unix_ns) {
        first = &bytes;
        head = candidate;
      }
    }
    if (first == nullptr) break;
    any = true;
    Reader reader(first->substr(sizeof(Head), head.bytes - sizeof(Head)));
    first->remove_prefix(head.bytes);
    const std::string_view message = reader.take(head.message_bytes);
    fields.clear();
    lists.clear();
    lists.reserve(head.fields);  // spans into it stay valid
    for (std::uint32_t i = 0; i < head.fields; ++i) {
      const std::string_view key = reader.text();
      fields.push_back({key, reader.value(lists)});
    }
    visit({head.channel, head.level, head.unix_ns, message, fields});
  }
  for (std::string& bytes : taken_) {
    bytes.clear();
    if (bytes.capacity() > kMaxBytes / 4) bytes.shrink_to_fit();
  }
  return any;
}

void Queue::wait() {
  asleep_.store(true);
  // Whoever pushed before this line may not have seen the store.
  bool pending = false;
  for (Shard& shard : shards_) {
    const std::lock_guard lock(shard.mutex);
    pending = pending || !shard.bytes.empty();
  }
  std::unique_lock lock(sleep_mutex_);
  if (!pending) {
    sleep_.wait(lock, [&] { return woken_ || !asleep_.load(); });
  }
  asleep_.store(false);
  if (!woken_) sleep_.wait_for(lock, kBatch, [&] { return woken_; });
  woken_ = false;
}

void Queue::wake() {
  const std::lock_guard lock(sleep_mutex_);
  woken_ = true;
  sleep_.notify_one();
}

}  // namespace rr::log
