/** How a number of a record is shown and bounded. */
export type NumberRowProps = {
  readonly label: string;
  readonly name: string;
  readonly usual: number;
  /** Shown as `value * scale + offset`: 1 is stored, 100 % is read. */
  readonly scale?: number;
  readonly min?: number;
  readonly max?: number;
  readonly step?: number;
  readonly digits?: number;
  readonly unit?: string;
};
