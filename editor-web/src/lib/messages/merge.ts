/** Other words in the place of those that stand in the code. */

/** The shape of some words, in another language; what is missing stays English. */
export type Words<T> = T extends (...given: infer Given) => string
  ? (...given: Given) => string
  : T extends string
    ? string
    : T extends readonly (readonly string[])[]
      ? readonly (readonly string[])[]
      : { readonly [Key in keyof T]?: Words<T[Key]> };

type Tree = Record<string, unknown>;

const isTree = (value: unknown): value is Tree =>
  typeof value === "object" && value !== null && !Array.isArray(value);

/** Puts words over others, in place: everybody who holds the old ones has the new ones. */
export function put<T extends object>(target: T, words: Words<T>): void {
  const into = target as Tree;
  for (const [key, value] of Object.entries(words as Tree)) {
    const known = into[key];
    if (isTree(known) && isTree(value)) put(known, value as Words<Tree>);
    else into[key] = value;
  }
}

/** Every word of a tree through a function; those that are made of arguments too. */
export function mapWords(target: object, made: (word: string) => string): void {
  const tree = target as Tree;
  for (const [key, value] of Object.entries(tree)) {
    if (typeof value === "string") tree[key] = made(value);
    else if (typeof value === "function") {
      const inner = value as (...given: unknown[]) => unknown;
      tree[key] = (...given: unknown[]) => {
        const word = inner(...given);
        return typeof word === "string" ? made(word) : word;
      };
    } else if (Array.isArray(value)) {
      tree[key] = value.map((row: unknown) =>
        Array.isArray(row) ? row.map((word) => made(String(word))) : row,
      );
    } else if (isTree(value)) mapWords(value, made);
  }
}

/** The paths of all words that `words` does not have. */
export function missing(target: object, words: object, path = ""): readonly string[] {
  const given = words as Tree;
  return Object.entries(target).flatMap(([key, value]) => {
    const here = `${path}${key}`;
    if (isTree(value)) return missing(value, isTree(given[key]) ? given[key] : {}, `${here}.`);
    return given[key] === undefined ? [here] : [];
  });
}
