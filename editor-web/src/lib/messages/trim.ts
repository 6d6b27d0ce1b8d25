/** What the pictures of the trim view are. */
export const sayTrim = {
  before: "Before",
  in: "In",
  out: "Out",
  after: "After",
} as const;
