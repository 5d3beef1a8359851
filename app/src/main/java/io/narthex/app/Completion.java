package io.narthex.app;

import java.io.PrintStream;
import java.util.List;

/** Shell completion: the names of roles by ourselves, their flags by asking the role. */
final class Completion {

  private Completion() {}

  static int run(List<String> arguments, PrintStream out, PrintStream err) {
    if (!arguments.equals(List.of("bash"))) {
      err.println("usage: narthex completion bash");
      return 2;
    }
    out.print(
        """
        _narthex() {
            local word=${COMP_WORDS[COMP_CWORD]}
            COMPREPLY=()
            if [ "$COMP_CWORD" -eq 1 ]; then
                COMPREPLY=( $(compgen -W "ROLES" -- "$word") )
            elif [ "${word#-}" != "$word" ]; then
                COMPREPLY=( $(compgen -W "$("${COMP_WORDS[0]}" "${COMP_WORDS[1]}" --completion-bash 2>/dev/null)" -- "$word") )
            fi
        }
        complete -F _narthex -o default narthex
        """
            .replace("ROLES", String.join(" ", Narthex.names())));
    return 0;
  }
}
