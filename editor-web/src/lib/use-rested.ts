/** True once the first screen is drawn and the page has time for what is needed later. */
import { useEffect, useState } from "react";

const REST_MS = 800; // the first second belongs to the timeline and its pictures

export function useRested(): boolean {
  const [rested, setRested] = useState(false);
  useEffect(() => {
    const timer = setTimeout(() => setRested(true), REST_MS);
    return () => clearTimeout(timer);
  }, []);
  return rested;
}
