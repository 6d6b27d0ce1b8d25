// A file of its own: the server lets no inline script run. No validator: it would be somebody else's.
window.SwaggerUIBundle({
  url: "/api/openapi.json",
  domNode: document.getElementById("docs"),
  deepLinking: true,
  validatorUrl: null,
});
