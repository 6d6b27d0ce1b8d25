/** The words of the review on a phone. */
export const sayReview = {
  position: "Position in the film",
  moreRoom: "Watch and comment here. To cut, open this page on a larger screen.",
} as const;
