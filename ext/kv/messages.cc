// Calls of RrEmbed\Kv over RPC.
#include <sys/time.h>

#include <cstdio>
#include <ctime>

#include "ext/kv/kv.h"

using rr::proto::Reader;
using rr::proto::Wire;

static rr_text timeout_of(double ttl, char* text, size_t size) {
  if (ttl < 0) return {"", 0};
  timeval now;
  gettimeofday(&now, nullptr);
  const double micros = static_cast<double>(now.tv_usec) + ttl * 1e6;
  const time_t second = now.tv_sec + static_cast<time_t>(micros / 1e6);
  const long rest = static_cast<long>(micros - static_cast<double>(second - now.tv_sec) * 1e6);
  tm parts;
  gmtime_r(&second, &parts);
  const int written = snprintf(text, size, "%04d-%02d-%02dT%02d:%02d:%02d.%06ldZ",
                               parts.tm_year + 1900, parts.tm_mon + 1, parts.tm_mday, parts.tm_hour,
                               parts.tm_min, parts.tm_sec, rest < 0 ? 0 : rest);
  return {text, static_cast<size_t>(written)};
}

void rr_kv_add_item(smart_str* items, rr_text key, rr_text value, double ttl) {
  char text[96];
  const rr_text timeout = timeout_of(ttl, text, sizeof text);
  smart_str_appendc(items, rr::proto::tag(2, Wire::bytes));
  rr_message_varint(items, rr::proto::optional_field_size(key.size) +
                               rr::proto::optional_field_size(value.size) +
                               rr::proto::optional_field_size(timeout.size));
  rr_message_text(items, 1, key);
  rr_message_text(items, 2, value);
  rr_message_text(items, 3, timeout);
}

bool rr_kv_items::next() {
  while (items.next()) {
    if (!items.is(1, Wire::bytes)) continue;
    key = value = timeout = {"", 0};
    for (Reader fields(items.bytes()); fields.next();) {
      if (fields.is(1, Wire::bytes)) key = rr_text_of(fields.bytes());
      if (fields.is(2, Wire::bytes)) value = rr_text_of(fields.bytes());
      if (fields.is(3, Wire::bytes)) timeout = rr_text_of(fields.bytes());
    }
    return true;
  }
  return false;
}

int rr_kv_call(rr_kv_object* kv, const char* method, smart_str* items, rr_text* reply) {
  smart_str message = {nullptr, 0};
  rr_message_text(&message, 1, rr_text_of(kv->storage));
  if (items->s) smart_str_append_smart_str(&message, items);
  const int status =
      rr_caller_call(&kv->caller, method, RR_CODEC_PROTO, rr_text_of(&message), 0, reply);
  smart_str_free(&message);
  smart_str_free(items);
  return status;
}

double rr_kv_seconds_until(rr_text timeout) {
  char text[64];
  if (timeout.size == 0 || timeout.size >= sizeof text) return -1;
  memcpy(text, timeout.data, timeout.size);
  text[timeout.size] = '\0';
  tm parts = {};
  int end = 0;
  if (sscanf(text, "%4d-%2d-%2dT%2d:%2d:%2d%n", &parts.tm_year, &parts.tm_mon, &parts.tm_mday,
             &parts.tm_hour, &parts.tm_min, &parts.tm_sec, &end) != 6) {
    return -1;
  }
  parts.tm_year -= 1900;
  parts.tm_mon -= 1;
  char* rest = text + end;
  double seconds = 0;
  if (*rest == '.') seconds = zend_strtod(rest, const_cast<const char**>(&rest));
  int hours = 0, minutes = 0;
  char sign = '+';
  if (*rest != 'Z' && sscanf(rest, "%c%2d:%2d", &sign, &hours, &minutes) != 3) return -1;
  const int offset = (hours * 60 + minutes) * 60 * (sign == '-' ? -1 : 1);
  timeval now;
  gettimeofday(&now, nullptr);
  seconds += static_cast<double>(timegm(&parts) - offset - now.tv_sec);
  seconds -= static_cast<double>(now.tv_usec) / 1e6;
  return seconds > 0 ? seconds : 0;
}
