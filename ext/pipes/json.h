// A reader of JSON text for those who know what they look for. No I/O, no allocation. Fuzzed.
#ifndef RR_EMBED_PIPES_JSON_H
#define RR_EMBED_PIPES_JSON_H

#include <string>
#include <string_view>

namespace rr::ext {

// Walks over a text; each member takes one thing and says false when it is not there, after which
// the reader is of no use. What is skipped is checked for its structure only.
class JsonReader {
 public:
  // Texts with escapes are put into `unescaped`, which has room for as much as the text has bytes:
  // views into it stay good.
  JsonReader(std::string_view text, std::string* unescaped) : rest_(text), unescaped_(unescaped) {}

  char peek();  // the next byte that is no white space; 0: the end
  bool take(char c);
  bool string(std::string_view* out);
  bool boolean(bool* out);
  bool null();
  // Any value; `whole`, if given, is its text.
  bool skip(std::string_view* whole = nullptr);
  bool at_end() { return peek() == 0 && rest_.empty(); }

  // {"key": value, …} and [value, …]: `each(key)`, `each()` take the value and say whether they
  // could.
  template <class Each>
  bool object(Each each) {
    if (!take('{')) return false;
    if (take('}')) return true;
    do {
      std::string_view key;
      if (!string(&key) || !take(':') || !each(key)) return false;
    } while (take(','));
    return take('}');
  }
  template <class Each>
  bool array(Each each) {
    if (!take('[')) return false;
    if (take(']')) return true;
    do {
      if (!each()) return false;
    } while (take(','));
    return take(']');
  }

 private:
  bool word(std::string_view word);
  bool escape();
  bool hex(unsigned* out);
  bool skip_string();
  bool skip_number();

  std::string_view rest_;
  std::string* unescaped_;
};

}  // namespace rr::ext

#endif
