/** Fresh ids: 96 random bits, so that nobody ever makes the same one twice. */
const BYTES = 12;

/** 16 characters of `[A-Za-z0-9_-]`; for records, idempotency keys and the like. */
export const newId = (): string => {
  const bytes = crypto.getRandomValues(new Uint8Array(BYTES));
  return btoa(String.fromCharCode(...bytes))
    .replaceAll("+", "-")
    .replaceAll("/", "_");
};
