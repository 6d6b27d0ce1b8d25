/** Where every screen shows the picture (90 %), and where words should stay (80 %). */
type SafeAreasProps = { readonly size: { readonly width: number; readonly height: number } };

const SHARES = [0.9, 0.8] as const;

export const SafeAreas = ({ size: { width, height } }: SafeAreasProps) => (
  <svg
    aria-hidden="true"
    data-testid="safe-areas"
    viewBox={`0 0 ${width} ${height}`}
    className="pointer-events-none absolute inset-0 size-full fill-none stroke-text opacity-60"
    strokeWidth={height / 540}
  >
    {SHARES.map((share) => (
      <rect
        key={share}
        x={(width * (1 - share)) / 2}
        y={(height * (1 - share)) / 2}
        width={width * share}
        height={height * share}
      />
    ))}
    <path
      d={`M${width / 2 - height / 30} ${height / 2}h${height / 15}M${width / 2} ${height / 2 - height / 30}v${height / 15}`}
    />
  </svg>
);
