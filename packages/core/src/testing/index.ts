/**
 * For tests of code that is written on `Words`: a recorder that stands between the code and real words and notes every
 * operation, so that a test can assert the order in which memory is touched, not only what is in it afterwards.
 */
import type { Words } from '../words.ts';

type MethodName = {
  [Name in keyof Words]: Words[Name] extends (...args: never[]) => unknown ? Name : never;
}[keyof Words];

/** One operation as it was called, in program order. */
export interface Operation {
  readonly name: MethodName;
  readonly operands: readonly unknown[];
  readonly result: unknown;
}

export interface Recording {
  /** Hand these to the code under test. */
  readonly words: Words;
  /** What it did so far. */
  readonly operations: readonly Operation[];
  /** The operations as short texts, such as `store(16, 1)`. */
  sequence(): string[];
}

export interface RecordOptions {
  /** Called before each operation takes place; what it does happens between two operations of the code under test. */
  readonly before?: (name: MethodName, operands: readonly unknown[]) => void;
}

/** Wraps `words` so that every operation through the result is noted. */
export function record(words: Words, options: RecordOptions = {}): Recording {
  const operations: Operation[] = [];
  const wrapped = new Map<string | symbol, unknown>();
  const recorded = new Proxy(words, {
    get(target, name) {
      const member = Reflect.get(target, name, target) as unknown;
      if (typeof member !== 'function') return member;
      let wrapper = wrapped.get(name);
      if (wrapper === undefined) {
        wrapper = (...operands: unknown[]): unknown => {
          options.before?.(name as MethodName, operands);
          const result = (member as (...operands: unknown[]) => unknown).apply(target, operands);
          operations.push({ name: name as MethodName, operands, result });
          return result;
        };
        wrapped.set(name, wrapper);
      }
      return wrapper;
    },
  });
  return {
    words: recorded,
    operations,
    sequence: () => operations.map(({ name, operands }) => `${name}(${shown(operands).join(', ')})`),
  };
}

/** A bulk copy is told by how many bytes it is of, whether or not that was said, and by what it skips, if anything. */
function shown(operands: readonly unknown[]): string[] {
  const [at, array, skip, byteLength] = operands;
  if (!ArrayBuffer.isView(array)) return operands.map(show);
  return [show(at), `${byteLength ?? array.byteLength} bytes`, ...(skip ? [show(skip)] : [])];
}

function show(operand: unknown): string {
  return typeof operand === 'object' && operand !== null ? JSON.stringify(operand) : String(operand);
}
