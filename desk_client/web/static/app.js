/* Small helps for the keyboard; every form works without them. No single letter is a shortcut: Telex needs them all. */
"use strict";

const FIELDS = "input:not([type=hidden]), select, textarea";

function isShown(field) {
  return field.offsetParent !== null && !field.closest("details:not([open])") && !field.disabled && field.tabIndex >= 0;
}

/** The fields that Enter walks through: one of each radio group, the chosen one. */
function walk(form) {
  return [...form.querySelectorAll(FIELDS)].filter(
    (field) => isShown(field) && (field.type !== "radio" || field.checked),
  );
}

/** Where the work goes on after the procedure, where the fields between are mostly right as they are. */
function leap(form, field) {
  return field.id === "procedure_code" && form.querySelector("[data-after-procedure]");
}

function moveOn(form, field) {
  const fields = walk(form);
  const next = leap(form, field) || fields[fields.indexOf(field) + 1] || form.querySelector("[data-final]") || form.querySelector("button[type=submit]");
  next.focus();
  if (next.select && next.type !== "checkbox" && next.type !== "radio") next.select();
}

function onEnter(event) {
  const form = event.target.closest("form[data-enter-moves]");
  if (event.key !== "Enter" || !form || event.isComposing) return;
  if (event.ctrlKey) {
    event.preventDefault();
    form.requestSubmit(form.querySelector("[data-final]"));
  } else if (event.target.matches(".autocomplete__option")) {
    /* The type-ahead has taken the option by now and gives the focus back to its input first. */
    setTimeout(() => moveOn(form, document.getElementById("procedure_code")), 0);
  } else if (event.target.matches(FIELDS) && !event.target.matches("[data-lines]") && event.target.getAttribute("aria-expanded") !== "true") {
    const isLast = walk(form).at(-1) === event.target;
    if (isLast && form.dataset.enterMoves !== "to-button") return;
    event.preventDefault();
    moveOn(form, event.target);
  }
}

/** An element that names an F-key is pressed by it, a field is entered. */
function onKey(event) {
  if (!/^F[0-9]+$/.test(event.key) || event.ctrlKey || event.altKey || event.metaKey) return;
  const key = event.shiftKey ? `Shift+${event.key}` : event.key;
  const target = [...document.querySelectorAll(`[data-key="${key}"]`)].find((each) => each.offsetParent !== null);
  if (!target) return;
  event.preventDefault();
  target.focus();
  if (target.matches("input")) target.select();
  else target.click();
}

/** Typing where nothing takes it goes to the search box: a scanner types a code wherever the page happens to be. */
function onType(event) {
  const isText = event.key.length === 1 && event.key !== " " && !event.ctrlKey && !event.altKey && !event.metaKey;
  const box = document.getElementById("find");
  if (!isText || !box || !(event.target === document.body || event.target.matches("a, button"))) return;
  box.value = "";
  box.focus();
}

/** A second click while the first is under way would only be noise; the desk saves a form once anyway. */
function onSubmit(event) {
  const buttons = [...event.target.elements].filter((element) => element.type === "submit");
  setTimeout(() => { for (const button of buttons) button.disabled = true; }, 0);
}

document.addEventListener("keydown", onEnter);
document.addEventListener("keydown", onKey);
document.addEventListener("keydown", onType);
document.addEventListener("submit", onSubmit);
