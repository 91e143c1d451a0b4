import { type Fault, invalidInput } from "../shared/errors.ts";

/** More faults than anyone reads; collecting stops there. */
const maxFaults = 100;

/** Bounds the work of trying a value against alternatives, which can multiply in hostile types. */
const maxTrialSteps = 1_000_000;

/** Collects the faults of a conversion together with where they are. */
export class FaultLog {
  readonly faults: Fault[] = [];
  readonly #path: (string | number)[];
  readonly #limit: number;
  readonly #budget: { steps: number } | undefined;
  #dropped = 0;

  constructor(
    path: readonly (string | number)[] = [],
    limit: number = maxFaults,
    budget?: { steps: number },
  ) {
    this.#path = [...path];
    this.#limit = limit;
    this.#budget = budget;
  }

  /** How many keys and indexes lead to the value at hand. */
  get depth(): number {
    return this.#path.length;
  }

  /** Whether going on is useless because no further fault would be kept. */
  get isFull(): boolean {
    return this.faults.length >= this.#limit;
  }

  /** Notes a fault of the value at hand. Answers undefined, for use as a result. */
  add(message: string, ...steps: readonly (string | number)[]): undefined {
    if (this.isFull) this.#dropped += 1;
    else this.faults.push({ path: [...this.#path, ...steps], message });
    return undefined;
  }

  /** Runs a conversion of the value under a key or index. */
  at<Result>(step: string | number, run: () => Result): Result {
    this.#path.push(step);
    try {
      return run();
    } finally {
      this.#path.pop();
    }
  }

  /** Tries a conversion whose faults do not count. Undefined when it does not succeed. */
  attempt<Result>(run: (log: FaultLog) => Result | undefined): Result | undefined {
    const budget = this.#budget ?? { steps: maxTrialSteps };
    const trial = new FaultLog(this.#path, 1, budget);
    const result = run(trial);
    return trial.faults.length === 0 ? result : undefined;
  }

  /** Counts one step of work; false, with a fault, once an attempt has taken too many. */
  spend(): boolean {
    if (this.#budget === undefined || --this.#budget.steps > 0) return true;
    this.add("the value fits its type in too many ways to decide, choose variants by $type");
    return false;
  }

  /** @throws {@link FlyteError} `invalid_input` with all faults, if there are any. */
  throwIfAny(): void {
    if (this.faults.length === 0) return;
    if (this.#dropped > 0) {
      this.faults.push({ path: [], message: `and ${this.#dropped} or more further faults` });
    }
    throw invalidInput(this.faults);
  }
}
