/* Lists by keyboard: up and down move from dossier to dossier, F8 does what the row's button says. */
"use strict";

document.addEventListener("DOMContentLoaded", () => {
  const links = [...document.querySelectorAll("[data-rows] [data-row]")];
  if (!links.length) return;

  function place() {
    const row = document.activeElement.closest("tr");
    return row ? links.findIndex((link) => row.contains(link)) : -1;
  }

  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.altKey || event.metaKey || event.target.matches("input, select, textarea")) return;
    const at = place();
    if (event.key === "ArrowDown" || event.key === "ArrowUp") {
      const next = links[at + (event.key === "ArrowDown" ? 1 : -1)];
      if (!next) return;
      event.preventDefault();
      next.focus();
      next.closest("tr").scrollIntoView({ block: "nearest" });
    } else if (event.key === "F8" && at >= 0) {
      const action = links[at].closest("tr").querySelector(".row-action");
      if (!action) return;
      event.preventDefault();
      action.click();
    }
  });
  links[0].focus({ preventScroll: true });
});
