/* The printing of a form: at its button, and at once when the address asks for it. Ctrl+P works without this. */
"use strict";

document.addEventListener("DOMContentLoaded", () => {
  const button = document.querySelector("[data-print]");
  button.hidden = false;
  button.addEventListener("click", () => window.print());
});

window.addEventListener("load", async () => {
  if (new URLSearchParams(location.search).get("print") !== "1") return;
  /* A print that begins before the letters have come shows other letters, and other line ends. */
  await document.fonts.ready;
  window.print();
});
