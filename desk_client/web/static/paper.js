/* The printing of a form: at its button or F9, and at once when the address asks for it. Ctrl+P works without this. */
"use strict";

document.addEventListener("DOMContentLoaded", () => {
  const button = document.querySelector("[data-print]");
  if (button) {
    button.hidden = false;
    button.addEventListener("click", () => window.print());
  }
  document.addEventListener("keydown", (event) => {
    if (event.key !== "F9") return;
    event.preventDefault();
    (button || document.querySelector("[data-noted-print]")).click();
  });
});

window.addEventListener("load", async () => {
  if (new URLSearchParams(location.search).get("print") !== "1") return;
  /* A print that begins before the letters have come shows other letters, and other line ends. */
  await document.fonts.ready;
  window.print();
});
