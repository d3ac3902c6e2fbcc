/* Rows of dossiers by keyboard: those not used yet are folded away, Enter and the arrows go from row to row. */
"use strict";

const ROWS_AT_FIRST = 10;
const ROWS_AT_A_TIME = 10;

function rowsOf(body) {
  return [...body.querySelectorAll("[data-row]")];
}

function fieldsOf(row) {
  return [...row.querySelectorAll("input")];
}

function isEmptyRow(row) {
  return fieldsOf(row).every((field) => field.value.trim() === "");
}

function enter(field) {
  field.focus();
  field.select();
}

/** The last row once more, empty, under the next number. */
function nextRow(body) {
  const last = rowsOf(body).at(-1);
  const number = Number(last.dataset.row) + 1;
  if (number > Number(body.dataset.rowsMax)) return null;
  const row = last.cloneNode(true);
  row.dataset.row = number;
  row.querySelector("th").textContent = number;
  for (const problem of row.querySelectorAll(".field-problem")) problem.remove();
  row.querySelector(".remarks").replaceChildren();
  row.querySelector(".remarks").id = `row-${number}-remarks`;
  for (const field of fieldsOf(row)) {
    field.value = "";
    field.id = field.name = field.name.replace(/[0-9]+/, number);
    field.setAttribute("aria-label", field.getAttribute("aria-label").replace(/[0-9]+$/, number));
    field.removeAttribute("data-after-procedure");
    field.removeAttribute("aria-invalid");
    field.removeAttribute("aria-describedby");
  }
  last.after(row);
  return row;
}

/** Unfolds some more rows, makes them where there are no more, and gives the first of them. */
function unfold(body, count) {
  const before = rowsOf(body).filter((row) => !row.hidden).length;
  for (let made = 0; made < count; made += 1) {
    const folded = rowsOf(body).find((row) => row.hidden) || nextRow(body);
    if (folded) folded.hidden = false;
  }
  return rowsOf(body)[before] || null;
}

function rowAfter(body, row) {
  const next = rowsOf(body)[Number(row.dataset.row)];
  return next && !next.hidden ? next : unfold(body, 1);
}

/** Enter at the end of a row goes to the next one, in an empty row to the button; arrows stay in the column. */
function onRowKey(event, body) {
  const row = event.target.closest("[data-row]");
  if (!row || event.ctrlKey || event.isComposing) return;
  const fields = fieldsOf(row);
  const column = fields.indexOf(event.target);
  const target = {
    Enter: () => {
      if (column === 0 && isEmptyRow(row)) return row.closest("form").querySelector("[data-final]");
      if (column < fields.length - 1) return fields[column + 1];
      const next = rowAfter(body, row);
      return next ? fieldsOf(next)[0] : row.closest("form").querySelector("[data-final]");
    },
    ArrowDown: () => {
      const next = rowAfter(body, row);
      return next && fieldsOf(next)[column];
    },
    ArrowUp: () => row.previousElementSibling && fieldsOf(row.previousElementSibling)[column],
  }[event.key]?.();
  if (!target) return;
  event.preventDefault();
  event.stopPropagation();
  if (target.matches("input")) enter(target);
  else target.focus();
}

/** A same-day procedure is mostly handed over at once; a clerk's own answer stays. */
function followProcedure(form) {
  let isOwn = false;
  for (const answer of form.elements.handing) answer.addEventListener("change", () => { isOwn = true; });
  function follow() {
    const promise = document.getElementById("appointment").querySelector("[data-same-day]");
    if (promise && !isOwn) form.elements.handing.value = promise.dataset.sameDay === "yes" ? "now" : "later";
  }
  document.body.addEventListener("htmx:afterSwap", (event) => { if (event.target.id === "appointment") follow(); });
  if (!form.elements.handing.value) follow();
}

/** Remarks that arrive above the row that is being typed do not push it out of sight. */
function stayInSight() {
  if (document.activeElement.closest("[data-row]")) document.activeElement.scrollIntoView({ block: "nearest" });
}

function showCount(form, body) {
  const count = rowsOf(body).filter((row) => !isEmptyRow(row)).length;
  form.querySelector("[data-count]").textContent = count ? `(${count})` : "";
}

document.addEventListener("DOMContentLoaded", () => {
  const form = document.getElementById("bulk");
  const body = form.querySelector("[data-rows-max]");
  const last = rowsOf(body).findLastIndex((row) => !isEmptyRow(row));
  for (const row of rowsOf(body).slice(Math.max(ROWS_AT_FIRST, last + 2))) row.hidden = true;
  body.addEventListener("keydown", (event) => onRowKey(event, body));
  form.addEventListener("input", () => showCount(form, body));
  showCount(form, body);
  followProcedure(form);
  document.body.addEventListener("htmx:oobAfterSwap", stayInSight);
  const more = form.querySelector("[data-more-rows]");
  more.hidden = false;
  more.addEventListener("click", () => {
    const first = unfold(body, ROWS_AT_A_TIME);
    if (first) enter(fieldsOf(first)[0]);
    more.hidden = rowsOf(body).length >= Number(body.dataset.rowsMax) && !rowsOf(body).some((row) => row.hidden);
  });
  const asked = document.querySelector("[data-asks-first]");
  const invalid = [...form.querySelectorAll("[aria-invalid]")].find(isShown);
  const procedure = document.getElementById("procedure_code");
  (asked || invalid || (chosen(form) ? fieldsOf(rowsOf(body)[0])[0] : procedure)).focus();
});
