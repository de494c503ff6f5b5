// What a plugin finds around it, without a container.
#pragma once

#include <map>
#include <mutex>
#include <string>
#include <vector>

#include "rr/plugin.h"

namespace rr {

// Remembers "logger: message" of everything logged.
class FakeContext final : public Context {
 public:
  Logger logger(std::string_view name) override {
    std::lock_guard lock(mutex_);
    return Logger(channels_.try_emplace(std::string(name), std::string(name), *this).first->second);
  }
  bool has(std::string_view section) const override { return config_.find(section) != nullptr; }

  const config::Node& configuration() const override { return config_; }
  std::string config_json() const override { return config_text; }

  std::string config_text = "{}";
  config::Node& config() { return config_; }
  std::vector<std::string> logged() const {
    std::lock_guard lock(mutex_);
    return lines_;
  }

 protected:
  const config::Node* find(std::string_view section) const override {
    return config_.find(section);
  }
  void keep_warnings(std::string_view, const config::Errors&) override {}
  void* need(std::type_index type) override { return interfaces_.at(type).front(); }
  std::vector<void*> interfaces(std::type_index type) const override {
    const auto found = interfaces_.find(type);
    return found == interfaces_.end() ? std::vector<void*>{} : found->second;
  }
  void add(std::type_index type, void* interface) override {
    interfaces_[type].push_back(interface);
  }

 private:
  class Channel final : public log::Channel {
   public:
    Channel(std::string name, FakeContext& context)
        : log::Channel(log::Level::debug), name_(std::move(name)), context_(context) {}
    void write(log::Level, std::string_view message, std::span<const log::KeyValue>) override {
      std::lock_guard lock(context_.mutex_);
      context_.lines_.push_back(name_ + ": " + std::string(message));
    }

   private:
    const std::string name_;
    FakeContext& context_;
  };

  config::Node config_;
  std::map<std::type_index, std::vector<void*>> interfaces_;
  mutable std::mutex mutex_;  // guards the two below
  std::vector<std::string> lines_;
  std::map<std::string, Channel> channels_;
};

}  // namespace rr
