/** What one owner of this thread has acquired and not yet released. Its own affair: other threads see only its pin. */
export class Readings {
  /** Acquisitions under the pin that is. */
  count = 0;
  /** The epoch of the pin; what the pin's word holds unless it was expired. */
  pinnedAt = 0;
  /** Which of this owner's pins is the present one: an expired one's acquisitions are void, but will be released still. */
  #pin = 0;
  readonly #held: (Reading | undefined)[] = [];

  begin(index: number): void {
    const reading = this.#held[index];
    if (reading === undefined) this.#held[index] = { pin: this.#pin, count: 1, void: 0 };
    else {
      this.#void(reading);
      reading.count += 1;
    }
    this.count += 1;
  }

  /** Ends one reading of an entry's segment; void ones last, as whoever has the newest handle is the likeliest to be right. */
  end(index: number): 'ended' | 'expired' | 'unknown' {
    const reading = this.#held[index];
    if (reading === undefined) return 'unknown';
    this.#void(reading);
    if (reading.count > 0) {
      reading.count -= 1;
      this.count -= 1;
      return 'ended';
    }
    if (reading.void === 0) return 'unknown';
    reading.void -= 1;
    return 'expired';
  }

  /** The pin was taken from this owner. */
  expire(): void {
    this.#pin += 1;
    this.count = 0;
  }

  #void(reading: Reading): void {
    if (reading.pin === this.#pin) return;
    reading.void += reading.count;
    reading.count = 0;
    reading.pin = this.#pin;
  }
}

interface Reading {
  /** Under which pin `count` were acquired. */
  pin: number;
  count: number;
  /** Acquired under pins that expired, and not yet released. */
  void: number;
}
