import { Trouble, problems } from "#problems.ts";
import { verbs } from "./index.ts";
import type { Run } from "./verb.ts";

/** Prints a script that completes verbs and options, made from the same rows as the help. */
export const run: Run = (words, world) => {
  const make = shells[words.subject];
  if (make === undefined) throw new Trouble(problems.notAShell(words.subject, Object.keys(shells).join(", ")));
  world.print(make());
  return 0;
};

interface Completed {
  readonly name: string;
  readonly says: string;
  readonly flags: readonly string[];
}

const completed: readonly Completed[] = verbs.map(({ name, says, options }) => ({
  name,
  says,
  flags: [...options.map(({ flags }) => flags.split(" ")[0] ?? ""), "--no-color", "--help"],
}));

const names = completed.map(({ name }) => name).join(" ");

const bash = (): string => `_sallyport() {
  local word=\${COMP_WORDS[COMP_CWORD]} before=\${COMP_WORDS[COMP_CWORD-1]}
  if [[ $before == --snapshot ]]; then COMPREPLY=($(compgen -d -- "$word")); return; fi
  case \${COMP_WORDS[1]} in
${completed.map(({ name, flags }) => `    ${name}) COMPREPLY=($(compgen -W "${flags.join(" ")}" -- "$word"));;`).join("\n")}
    *) COMPREPLY=($(compgen -W "${names} --help --version" -- "$word"));;
  esac
}
complete -F _sallyport sallyport
`;

const quoted = (text: string): string => `'${text.replaceAll("'", "'\\''")}'`;

const zsh = (): string => `#compdef sallyport
_sallyport() {
  if (( CURRENT == 2 )); then
    local -a verbs=(${completed.map(({ name, says }) => quoted(`${name}:${says}`)).join(" ")})
    _describe verb verbs
    return
  fi
  if [[ $words[CURRENT-1] == --snapshot ]]; then _files -/; return; fi
  case $words[2] in
${completed.map(({ name, flags }) => `    ${name}) compadd -- ${flags.join(" ")};;`).join("\n")}
  esac
}
compdef _sallyport sallyport
`;

const fish = (): string =>
  completed
    .flatMap(({ name, says, flags }) => [
      `complete -c sallyport -n __fish_use_subcommand -f -a ${name} -d ${quoted(says)}`,
      ...flags.map(
        (flag) => `complete -c sallyport -n "__fish_seen_subcommand_from ${name}" -l ${flag.replace(/^--/, "")}`,
      ),
    ])
    .join("\n")
    .concat("\n");

const shells: Readonly<Record<string, () => string>> = { bash, zsh, fish };
