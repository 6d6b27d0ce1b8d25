/** The mark of Cutroom: two clips and the cut between them. */
export const Mark = ({ size }: { readonly size: number }) => (
  <svg width={size} height={size} viewBox="0 0 32 32" aria-hidden="true">
    <rect width="32" height="32" rx="7" fill="var(--color-raised)" />
    <path d="M7 9h11v5H7zM14 18h11v5H14z" fill="var(--color-accent)" />
  </svg>
);
