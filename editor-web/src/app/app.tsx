/** Composition: the only place that knows several features. */
export const App = () => (
  <main className="grid min-h-dvh place-items-center text-dim">Cutroom</main>
);
