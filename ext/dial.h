// Connecting to an address.
#ifndef RR_EMBED_DIAL_H
#define RR_EMBED_DIAL_H

#include <string>

#include "ext/address.h"

namespace rr::ext {

// A connected socket that blocks; -1: `why` says why not. Blocks for `seconds` at most, and for
// what the resolver of names takes.
int dial(const Address& address, double seconds, std::string* why);

}  // namespace rr::ext

#endif
