// Configuration as a plugin sees it: a struct with a table of keys (config/decode.h), filled from
// the section of its name. Errors carry file:line:column and the key's path; they end a start.
#pragma once

#include "rr/config/decode.h"
#include "rr/config/describe.h"
#include "rr/config/errors.h"
#include "rr/config/node.h"
#include "rr/config/types.h"
