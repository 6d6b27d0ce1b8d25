/* The checkout of the sandbox: the same surface as Razorpay's own script, and no real money. */
(() => {
  "use strict";

  class Razorpay {
    constructor(options) {
      this.options = options;
      this.listeners = { "payment.failed": [] };
      this.overlay = null;
      this.hear = (message) => this.heard(message);
    }

    on(event, listener) {
      (this.listeners[event] ??= []).push(listener);
    }

    open() {
      if (this.overlay) return;
      this.before = document.activeElement;
      const overlay = document.createElement("div");
      Object.assign(overlay.style, {
        position: "fixed",
        inset: "0",
        zIndex: "2147483647",
        background: "rgb(0 0 0 / 60%)",
        display: "grid",
        placeItems: "center",
      });
      const frame = document.createElement("iframe");
      frame.title = "Sandbox checkout - no real money";
      frame.src = `/sandbox/checkout/${encodeURIComponent(this.options.order_id)}`;
      Object.assign(frame.style, {
        width: "min(26rem, 100vw)",
        height: "min(30rem, 100vh)",
        border: "0",
        borderRadius: "8px",
        background: "#fff",
        colorScheme: "light",
      });
      overlay.append(frame);
      document.body.append(overlay);
      window.addEventListener("message", this.hear);
      frame.addEventListener("load", () => frame.focus());
      this.overlay = overlay;
      this.frame = frame;
    }

    close() {
      if (!this.overlay) return;
      window.removeEventListener("message", this.hear);
      this.overlay.remove();
      this.overlay = null;
      this.before?.focus?.();
    }

    heard(message) {
      const ours = message.origin === location.origin && message.source === this.frame.contentWindow;
      if (!ours) return;
      const { kind, fields } = message.data;
      if (kind === "failed") {
        for (const listener of this.listeners["payment.failed"]) listener(fields);
        return; // like the real one: it stays open, and the customer may try again
      }
      this.close();
      if (kind === "paid") this.options.handler?.(fields);
      else this.options.modal?.ondismiss?.();
    }
  }

  window.Razorpay = Razorpay;
})();
