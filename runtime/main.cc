#include "runtime/cli/command.h"

int main(int argc, char** argv) {
  return rr::cli::run(argc, argv);
}
