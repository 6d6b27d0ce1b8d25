/** Razorpay's checkout, or the sandbox's: its script comes with the click that pays, not before. */
import type { Checkout, Paid } from "@/lib/api/types";

interface Opened {
  on(event: "payment.failed", listener: (told: { error?: { description?: string } }) => void): void;
  open(): void;
}

type Razorpay = new (
  options: Record<string, unknown> & {
    handler: (paid: Paid) => void;
    modal: { ondismiss: () => void };
  },
) => Opened;

declare global {
  interface Window {
    Razorpay?: Razorpay;
  }
}

const loadScript = (address: string): Promise<void> =>
  new Promise((resolve, reject) => {
    const script = document.createElement("script");
    script.src = address;
    script.onload = () => resolve();
    script.onerror = () => reject(new Error(address));
    document.head.append(script);
  });

/** Let somebody pay: what the handler was given, or null when checkout was closed without. */
export async function openCheckout(
  { script, options }: Checkout,
  onDeclined: (why: string) => void,
): Promise<Paid | null> {
  if (window.Razorpay === undefined) await loadScript(script);
  const Made = window.Razorpay;
  if (Made === undefined) throw new Error(script);
  return new Promise((resolve) => {
    const opened = new Made({
      ...options,
      handler: resolve,
      modal: { ondismiss: () => resolve(null) },
    });
    opened.on("payment.failed", (told) => onDeclined(told.error?.description ?? ""));
    opened.open();
  });
}
