// `completion`: scripts that let a shell ask the program itself what may follow.
#include "runtime/cli/command.h"
#include "runtime/cli/complete.h"
#include "runtime/cli/help.h"
#include "runtime/cli/output.h"

namespace rr::cli {

namespace {

constexpr std::string_view kBash = R"(# bash completion for rr and rr-embed
_rr() {
    local word
    COMPREPLY=()
    while IFS=$'\t' read -r word _; do
        COMPREPLY+=("$word")
    done < <("${COMP_WORDS[0]}" __complete_words "${COMP_WORDS[@]:1:COMP_CWORD}" 2>/dev/null)
}
complete -o default -F _rr rr rr-embed
)";

constexpr std::string_view kZsh = R"(#compdef rr rr-embed
_rr() {
    local -a found
    local word about
    while IFS=$'\t' read -r word about; do
        found+=("${word//:/\\:}${about:+:$about}")
    done < <("${words[1]}" __complete "${(@)words[2,CURRENT]}" 2>/dev/null)
    if (( $#found )); then
        _describe 'rr' found
    else
        _files
    fi
}
compdef _rr rr rr-embed
)";

constexpr std::string_view kFish = R"(# fish completion for rr and rr-embed
function __rr_complete
    set -l words (commandline -opc)
    $words[1] __complete $words[2..-1] (commandline -ct) 2>/dev/null
end
complete -c rr -a '(__rr_complete)'
complete -c rr-embed -a '(__rr_complete)'
)";

constexpr std::string_view kPowershell = R"(# powershell completion for rr and rr-embed
Register-ArgumentCompleter -Native -CommandName 'rr', 'rr-embed' -ScriptBlock {
    param($wordToComplete, $commandAst, $cursorPosition)
    $words = @($commandAst.CommandElements | ForEach-Object { "$_" })
    $before = @($words | Select-Object -Skip 1)
    if ($wordToComplete -eq '') { $before += '' }
    & $words[0] __complete @before 2>$null | ForEach-Object {
        $word, $about = $_ -split "`t", 2
        if (-not $about) { $about = $word }
        [System.Management.Automation.CompletionResult]::new($word, $word, 'ParameterValue', $about)
    }
}
)";

std::string script_for(std::string_view shell) {
  if (shell == "bash") return std::string(kBash);
  if (shell == "zsh") return std::string(kZsh);
  if (shell == "fish") return std::string(kFish);
  if (shell == "powershell") return std::string(kPowershell);
  return {};
}

}  // namespace

int run_completion(const Invocation& invocation) {
  std::string script;
  if (!invocation.arguments.empty()) script = script_for(invocation.arguments.front());
  if (script.empty()) {
    for (const Command& command : commands()) {
      if (command.name == "completion") print(help_page(&command));
    }
    return 0;
  }
  if (invocation.has("no-descriptions")) {
    const std::string call = std::string(kComplete) + " ";
    if (const std::size_t at = script.find(call); at != std::string::npos) {
      script.replace(at, call.size(), std::string(kCompleteWords) + " ");
    }
  }
  print(script);
  return 0;
}

}  // namespace rr::cli
