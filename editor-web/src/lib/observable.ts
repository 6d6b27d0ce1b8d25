/** The smallest store: a value that tells when it changes. Fits `useSyncExternalStore`. */
export interface Readable<T> {
  readonly get: () => T;
  readonly subscribe: (listener: () => void) => () => void;
}

export class Observable<T> implements Readable<T> {
  #value: T;
  readonly #same: (left: T, right: T) => boolean;
  readonly #listeners = new Set<() => void>();

  constructor(value: T, same: (left: T, right: T) => boolean = Object.is) {
    this.#value = value;
    this.#same = same;
  }

  get = (): T => this.#value;

  subscribe = (listener: () => void): (() => void) => {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  };

  set(value: T): void {
    if (this.#same(this.#value, value)) return;
    this.#value = value;
    for (const listener of [...this.#listeners]) listener();
  }
}
