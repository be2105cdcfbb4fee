/** A number and its noun, such as `1 operand` or `3 operands`. */
export function counted(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? '' : 's'}`;
}
