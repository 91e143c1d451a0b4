/**
 * Where the rows of a long list are, when most are of one height and some are measured to be higher: a
 * Fenwick tree (Fenwick 1994) over what they are higher by, so that every question costs O(log n).
 */
export class RowHeights {
  readonly #base: number;
  #extra = new Int32Array(1_024);
  #tree = new Int32Array(1_025);
  #count = 0;

  constructor(base: number) {
    this.#base = base;
  }

  get count(): number {
    return this.#count;
  }

  /** Adds or takes away rows at the end. */
  resize(count: number): void {
    for (let index = count; index < this.#count; index += 1) this.set(index, this.#base);
    this.#count = count;
    if (count <= this.#extra.length) return;
    const extra = new Int32Array(Math.max(count, this.#extra.length * 2));
    extra.set(this.#extra);
    this.#build(extra);
  }

  /** Takes away rows at the beginning; returns their height. */
  dropFirst(count: number): number {
    const dropped = Math.min(count, this.#count);
    const height = this.offsetOf(dropped);
    const extra = new Int32Array(this.#extra.length);
    extra.set(this.#extra.subarray(dropped));
    this.#count -= dropped;
    this.#build(extra);
    return height;
  }

  /** Returns by how much the row has become higher. */
  set(index: number, height: number): number {
    const difference = height - this.#base - (this.#extra[index] ?? 0);
    if (difference === 0 || index >= this.#extra.length) return 0;
    this.#extra[index] = height - this.#base;
    for (let node = index + 1; node < this.#tree.length; node += node & -node) {
      this.#tree[node] = (this.#tree[node] ?? 0) + difference;
    }
    return difference;
  }

  /** Where a row begins; of the count, where all end. */
  offsetOf(index: number): number {
    let sum = index * this.#base;
    for (let node = index; node > 0; node -= node & -node) sum += this.#tree[node] ?? 0;
    return sum;
  }

  /** The row at an offset; the first or last one for what lies outside. */
  indexAt(offset: number): number {
    let index = 0;
    let rest = offset;
    for (let step = 2 ** Math.floor(Math.log2(this.#extra.length)); step >= 1; step /= 2) {
      const next = index + step;
      const size = step * this.#base + (this.#tree[next] ?? 0);
      if (next > this.#count || size > rest) continue;
      index = next;
      rest -= size;
    }
    return Math.max(0, Math.min(index, this.#count - 1));
  }

  #build(extra: Int32Array<ArrayBuffer>): void {
    this.#extra = extra;
    this.#tree = new Int32Array(extra.length + 1);
    for (let node = 1; node < this.#tree.length; node += 1) {
      this.#tree[node] = (this.#tree[node] ?? 0) + (extra[node - 1] ?? 0);
      const parent = node + (node & -node);
      if (parent < this.#tree.length) {
        this.#tree[parent] = (this.#tree[parent] ?? 0) + (this.#tree[node] ?? 0);
      }
    }
  }
}
