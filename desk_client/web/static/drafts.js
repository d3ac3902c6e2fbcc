/* Half-typed forms: what stands in a form with `data-draft` is kept in the desk's file, and put back after a power cut. */
"use strict";

const KEPT_AFTER_MS = 1000;

function keepDrafts(form) {
  let timer = 0;
  let isChanged = false;
  let isSent = false;

  /** Sends what stands there now; a page that is being left may still finish it. */
  function keep() {
    clearTimeout(timer);
    if (!isChanged || isSent) return;
    isChanged = false;
    fetch(`/drafts/${form.dataset.draft}`, {
      method: "POST",
      body: new URLSearchParams(new FormData(form)),
      keepalive: true,
    }).catch(() => { isChanged = true; });
  }

  form.addEventListener("input", () => {
    isChanged = true;
    clearTimeout(timer);
    timer = setTimeout(keep, KEPT_AFTER_MS);
  });
  form.addEventListener("change", () => { isChanged = true; keep(); });
  form.addEventListener("submit", () => { isSent = true; });
  window.addEventListener("pagehide", keep);
  document.addEventListener("visibilitychange", () => { if (document.hidden) keep(); });
}

document.addEventListener("DOMContentLoaded", () => {
  for (const form of document.querySelectorAll("form[data-draft]")) keepDrafts(form);
});
