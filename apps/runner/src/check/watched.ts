/**
 * Which function of a program runs, told through a shared word: a function that does not give control back leaves its thread no
 * turn to say so. An assembly's threads are left as they are: they go on by steps, each of which gives control back.
 */
import type { ModelProgram } from '@pool/check';

type Body = ModelProgram['threads'][string];

export interface Watched {
  readonly program: ModelProgram;
  /** What each content of the word means. */
  readonly names: readonly string[];
}

/** What the word means before there is a program. */
export const LOADING = 'the module';

/** The same program, which says in `running` what runs, or ran last. */
export function watched({ initial, final, ...program }: ModelProgram, running: Int32Array): Watched {
  const names = [LOADING];
  const told = <Given, Result>(name: string, body: (given: Given) => Result): ((given: Given) => Result) => {
    const index = names.push(name) - 1;
    return (given) => {
      running[0] = index;
      return body(given);
    };
  };
  const threads = Object.entries(program.threads).map(([name, body]): [string, Body] => [
    name,
    body.resumable === undefined ? told(`thread ${name}`, body) : body,
  ]);
  return {
    program: {
      ...program,
      threads: Object.fromEntries(threads),
      ...(initial === undefined ? {} : { initial: told('`initial`', initial) }),
      ...(final === undefined ? {} : { final: told('`final`', final) }),
    },
    names,
  };
}
