/* The form of a reception: what is folded away, and rows of papers. It works without this. */
"use strict";

const MORE_COOKIE = "desk_more";

/** Remembers whether the rarer fields are kept open, in this browser. */
function rememberMore(details) {
  details.addEventListener("toggle", () => {
    document.cookie = `${MORE_COOKIE}=${details.open ? "open" : ""}; path=/; max-age=31536000; samesite=strict`;
  });
}

/** One more row of papers: the last one once more, empty, under the next number. */
function addPaper(papers, button) {
  const last = [...papers.querySelectorAll("[data-paper]")].at(-1);
  const number = Number(last.dataset.paper) + 1;
  const row = last.cloneNode(true);
  row.dataset.paper = number;
  for (const field of row.querySelectorAll("input")) {
    field.value = "";
    field.name = field.name.replace(/[0-9]+/, number);
    field.setAttribute("aria-label", field.getAttribute("aria-label").replace(/[0-9]+/, number));
  }
  last.after(row);
  row.querySelector("input").focus();
  button.hidden = number >= Number(button.dataset.most);
}

/** Where the work begins: at what is wrong, at a reason that is asked for, else at the first field still empty. */
function beginning(form) {
  const invalid = [...form.querySelectorAll("[aria-invalid]")].find(isShown);
  if (invalid || form.querySelector("[data-begins]")) return invalid || form.querySelector("[data-begins]");
  const procedure = document.getElementById("procedure_code");
  if (!chosen(form)) return procedure;
  const texts = ["submitter_name", "id_number", "phone", "address_text"].map((name) => form.elements[name]);
  return texts.find((field) => field.value === "") || form.querySelector("[data-final]");
}

document.addEventListener("DOMContentLoaded", () => {
  const form = document.getElementById("intake");
  rememberMore(form.querySelector("details"));
  const more = form.querySelector("[data-more-papers]");
  more.hidden = false;
  more.addEventListener("click", () => addPaper(document.getElementById("components"), more));
  (document.querySelector("[data-asks-first]") || beginning(form)).focus();
});
