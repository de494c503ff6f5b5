/* Messages of protobuf in the engine's memory: what a bailout leaves behind the engine frees. The
 * format is rr/protobuf.h's, whose reader is plain. */
#ifndef RR_EMBED_MESSAGE_H
#define RR_EMBED_MESSAGE_H

#include <string> /* before PHP, which redefines what it uses */

#include "ext/php_rr_embed.h"

extern "C" {
#include "zend_smart_str.h"
}

#include "rr/protobuf.h"
#include "rr/text.h"

static inline void rr_message_varint(smart_str* message, uint64_t value) {
  char bytes[rr::proto::kMaxVarint];
  smart_str_appendl(message, bytes,
                    static_cast<size_t>(rr::proto::write_varint(bytes, value) - bytes));
}

/* A text, or another message. */
static inline void rr_message_bytes(smart_str* message, unsigned number, rr_text bytes) {
  smart_str_appendc(message, rr::proto::tag(number, rr::proto::Wire::bytes));
  rr_message_varint(message, bytes.size);
  smart_str_appendl(message, bytes.data, bytes.size);
}

/* The same, left out where it is empty. */
static inline void rr_message_text(smart_str* message, unsigned number, rr_text text) {
  if (text.size != 0) rr_message_bytes(message, number, text);
}

static inline void rr_message_number(smart_str* message, unsigned number, uint64_t value) {
  if (value == 0) return;
  smart_str_appendc(message, rr::proto::tag(number, rr::proto::Wire::varint));
  rr_message_varint(message, value);
}

static inline rr_text rr_text_of(const zend_string* text) {
  return {ZSTR_VAL(text), ZSTR_LEN(text)};
}
static inline rr_text rr_text_of(const smart_str* message) {
  return message->s ? rr_text_of(message->s) : rr_text{"", 0};
}
static inline rr_text rr_text_of(const char* text) {
  return {text, strlen(text)};
}
static inline rr_text rr_text_of(std::string_view text) {
  return {text.data(), text.size()};
}

#endif
