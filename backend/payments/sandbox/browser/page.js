/* One order of the sandbox: shows the amount, sends the click, tells the page that framed it. */
const path = location.pathname.replace(/\/$/, "");
const told = document.getElementById("told");
const tell = (kind, fields = {}) => parent.postMessage({ kind, fields }, location.origin);

async function showOrder() {
  const order = await (await fetch(`${path}/order`)).json();
  const money = new Intl.NumberFormat(undefined, { style: "currency", currency: order.currency });
  document.getElementById("amount").textContent = money.format(order.amount / 100);
}

async function pay(outcome) {
  const form = new FormData(document.getElementById("form"));
  const answer = await fetch(`${path}/pay`, {
    method: "POST",
    headers: { "Content-Type": "application/json" },
    body: JSON.stringify({
      outcome,
      method: form.get("method"),
      vpa: document.getElementById("vpa").value,
    }),
  });
  const fields = await answer.json();
  if (fields.pending) tell("dismissed");
  else if (fields.error) {
    told.textContent = fields.error.description;
    tell("failed", fields);
  } else tell("paid", fields);
}

document.getElementById("form").addEventListener("submit", (event) => {
  event.preventDefault();
  void pay(event.submitter?.dataset.outcome ?? "captured");
});
document.getElementById("close").addEventListener("click", () => tell("dismissed"));
addEventListener("keydown", (event) => {
  if (event.key === "Escape") tell("dismissed");
});
void showOrder();
document.querySelector('[data-outcome="captured"]').focus();
