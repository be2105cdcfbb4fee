/** Relations between at most 30 events, a row of bits for each: slow, plain, and nothing like the checker's clocks. */
export class Relation {
  readonly rows: number[];

  constructor(size: number) {
    this.rows = new Array<number>(size).fill(0);
  }

  static where(size: number, holds: (from: number, to: number) => boolean): Relation {
    const relation = new Relation(size);
    for (let from = 0; from < size; from++)
      for (let to = 0; to < size; to++) if (holds(from, to)) relation.add(from, to);
    return relation;
  }

  add(from: number, to: number): void {
    this.rows[from] = (this.rows[from] as number) | (1 << to);
  }

  has(from: number, to: number): boolean {
    return (((this.rows[from] as number) >> to) & 1) === 1;
  }

  or(...others: Relation[]): Relation {
    const result = new Relation(this.rows.length);
    this.rows.forEach((row, from) => {
      result.rows[from] = others.reduce((bits, other) => bits | (other.rows[from] as number), row);
    });
    return result;
  }

  /** Composition: this, then each of the others. */
  compose(...others: Relation[]): Relation {
    let result: Relation = this;
    for (const other of others) {
      const next = new Relation(this.rows.length);
      result.rows.forEach((row, from) => {
        let bits = 0;
        for (let to = 0; to < this.rows.length; to++) if ((row >> to) & 1) bits |= other.rows[to] as number;
        next.rows[from] = bits;
      });
      result = next;
    }
    return result;
  }

  filter(keeps: (from: number, to: number) => boolean): Relation {
    return Relation.where(this.rows.length, (from, to) => this.has(from, to) && keeps(from, to));
  }

  /** With every event related to itself. */
  optional(): Relation {
    return this.or(Relation.where(this.rows.length, (from, to) => from === to));
  }

  closure(): Relation {
    const result = this.or();
    for (let through = 0; through < result.rows.length; through++)
      for (let from = 0; from < result.rows.length; from++)
        if (result.has(from, through))
          result.rows[from] = (result.rows[from] as number) | (result.rows[through] as number);
    return result;
  }

  inverse(): Relation {
    return Relation.where(this.rows.length, (from, to) => this.has(to, from));
  }

  get isIrreflexive(): boolean {
    return this.rows.every((_, event) => !this.has(event, event));
  }

  get isAcyclic(): boolean {
    return this.closure().isIrreflexive;
  }
}
