/** The value that a record has under a name of the manifest's or a program's, which may be `constructor`; `undefined`: none. */
export function own<Value>(record: Readonly<Record<string, Value>>, name: string | undefined): Value | undefined {
  return name !== undefined && Object.hasOwn(record, name) ? record[name] : undefined;
}
