import { compareRuns, type Person, type RunPlace, type RunRow } from "./run-row.ts";

/** Something that is being read, and what changed since it was asked for. */
export type RunReading = Map<string, RunRow>;

/**
 * The runs that are known, the newest first: pages of older ones are added at its end, changes wherever they
 * belong. Of a run that changed while a page was on its way the change counts, since the page may have been read
 * before it.
 */
export class RunList {
  /** Everybody whose runs have been seen, by subject. */
  readonly owners = new Map<string, Person>();
  readonly #matches: (run: RunRow) => boolean;
  readonly #runs: RunRow[] = [];
  readonly #byName = new Map<string, RunRow>();
  readonly #readings = new Set<RunReading>();
  #end: RunPlace | undefined;
  #isComplete = false;
  #held = 0;
  #changes = 0;

  /** @param matches - which runs belong to the list; others leave it when they change */
  constructor(matches: (run: RunRow) => boolean) {
    this.#matches = matches;
  }

  /** All that are known, those held back at the top included. */
  get runs(): readonly RunRow[] {
    return this.#runs;
  }

  /** How many at the top came while they were to be held back. */
  get held(): number {
    return this.#held;
  }

  /** Another number after each change of what is shown; what is held back is not. */
  get changes(): number {
    return this.#changes;
  }

  /** The last run whose page was read. */
  get end(): RunPlace | undefined {
    return this.#end;
  }

  /** Whether there is nothing older. */
  get isComplete(): boolean {
    return this.#isComplete;
  }

  /** To be called before something is asked for. */
  startReading(): RunReading {
    const reading: RunReading = new Map();
    this.#readings.add(reading);
    return reading;
  }

  /** What was asked for has failed. */
  giveUp(reading: RunReading): void {
    this.#readings.delete(reading);
  }

  /** Adds the page after {@link end}. */
  addPage(reading: RunReading, page: readonly RunRow[], isLast: boolean): void {
    this.#end = page.at(-1) ?? this.#end;
    this.#isComplete = isLast;
    this.addChanges(reading, page, false);
    for (const run of reading.values()) this.#put(run, false);
  }

  /** Adds runs that were asked for because they changed. */
  addChanges(reading: RunReading, runs: readonly RunRow[], hold: boolean): void {
    this.#readings.delete(reading);
    for (const run of runs) this.#put(reading.get(run.name) ?? run, hold);
  }

  /** @param hold - whether new ones at the top are held back */
  change(runs: readonly RunRow[], hold: boolean): void {
    for (const run of runs) {
      for (const reading of this.#readings) reading.set(run.name, run);
      this.#put(run, hold);
    }
  }

  /** Shows what was held back. */
  release(): void {
    this.#changes += 1;
    this.#held = 0;
  }

  /** Index of a run, or where it would be. */
  indexOf(run: RunPlace): number {
    let low = 0;
    let high = this.#runs.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      const other = this.#runs[middle];
      if (other !== undefined && compareRuns(other, run) < 0) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  #put(run: RunRow, hold: boolean): void {
    if (run.owner !== undefined) this.owners.set(run.owner.subject, run.owner);
    const known = this.#byName.get(run.name);
    if (!this.#matches(run)) {
      if (known !== undefined) this.#remove(known);
      return;
    }
    if (known !== undefined) {
      if (compareRuns(known, run) === 0) {
        this.#byName.set(run.name, run);
        const at = this.indexOf(known);
        this.#runs[at] = run;
        if (at >= this.#held) this.#changes += 1;
        return;
      }
      this.#remove(known);
    }
    if (this.#isWithin(run)) this.#insert(run, hold);
  }

  /** What is older than the last page comes with a page of its own. */
  #isWithin(run: RunRow): boolean {
    if (this.#isComplete) return true;
    return this.#end !== undefined && compareRuns(run, this.#end) <= 0;
  }

  #insert(run: RunRow, hold: boolean): void {
    const at = this.indexOf(run);
    this.#byName.set(run.name, run);
    this.#runs.splice(at, 0, run);
    const isBelow = this.#runs.length > this.#held + 1;
    if (at < this.#held || (hold && at === this.#held && isBelow)) this.#held += 1;
    else this.#changes += 1;
  }

  #remove(run: RunRow): void {
    const at = this.indexOf(run);
    this.#byName.delete(run.name);
    this.#runs.splice(at, 1);
    if (at < this.#held) this.#held -= 1;
    else this.#changes += 1;
  }
}
