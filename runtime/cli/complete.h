// What a shell's completion asks the program for.
#pragma once

#include <string>
#include <vector>

namespace rr::cli {

struct Candidate {
  std::string word;
  std::string meaning;
};

// What may stand in place of the last word, which is the beginning of it. Empty where a file name
// or anything else may.
std::vector<Candidate> complete(const std::vector<std::string>& words);

// Hidden commands `__complete WORD…` and `__complete_words WORD…`: one candidate a line, behind a
// tab its meaning. Not parsed as other commands: the words are unfinished.
inline constexpr const char* kComplete = "__complete";
inline constexpr const char* kCompleteWords = "__complete_words";
int print_candidates(const std::vector<std::string>& argv);

}  // namespace rr::cli
