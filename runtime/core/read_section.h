// What many threads use at every moment and one replaces now and then: a pool, a service, an object
// in the reactor. Readers mark where they use it; whoever has put another one in its place waits
// until all who may still have the old one are done, and then destroys it.
//
//   reader                                 writer
//   const ReadSection section;             Thing* old = current.exchange(fresh);
//   current.load()->use();                 await_read_sections();
//                                          delete old;
#pragma once

namespace rr {

// Marks that this thread may be using what others replace. Costs no shared cache line. May be
// nested; must not contain anything that waits for long. Loads of what is replaced, and its
// replacement, are sequentially consistent.
class ReadSection {
 public:
  ReadSection() noexcept;
  ~ReadSection();
  ReadSection(const ReadSection&) = delete;
  ReadSection& operator=(const ReadSection&) = delete;
};

// Returns once every section that had begun before the call has ended. Any thread that is not in
// one.
void await_read_sections();

}  // namespace rr
