// A button that copies a text; without a clipboard the text is selected, so that Ctrl+C does it.
"use strict";

for (const button of document.querySelectorAll("[data-copies]")) {
  button.hidden = false;
  button.addEventListener("click", async () => {
    const text = document.getElementById(button.dataset.copies);
    const told = button.parentElement.querySelector("[data-copied-words]");
    text.select();
    try {
      await navigator.clipboard.writeText(text.value);
    } catch {
      document.execCommand("copy");
    }
    told.textContent = told.dataset.copiedWords;
  });
}
