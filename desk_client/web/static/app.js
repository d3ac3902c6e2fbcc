/* Small helps for the keyboard; every form works without them. No single letter is a shortcut: Telex needs them all. */
"use strict";

const FIELDS = "input:not([type=hidden]), select, textarea";

function isShown(field) {
  return field.offsetParent !== null && !field.disabled && field.tabIndex >= 0;
}

/** The fields that Enter walks through: one of each radio group, the chosen one. */
function walk(form) {
  return [...form.querySelectorAll(FIELDS)].filter(
    (field) => isShown(field) && (field.type !== "radio" || field.checked),
  );
}

function moveOn(form, field) {
  const fields = walk(form);
  const next = fields[fields.indexOf(field) + 1] || form.querySelector("button[type=submit]");
  next.focus();
  if (next.select && next.type !== "checkbox" && next.type !== "radio") next.select();
}

function onEnter(event) {
  const form = event.target.closest("form[data-enter-moves]");
  if (event.key !== "Enter" || !form || event.isComposing) return;
  if (event.ctrlKey) {
    event.preventDefault();
    form.requestSubmit();
  } else if (event.target.matches(".autocomplete__option")) {
    /* The type-ahead has taken the option by now and gives the focus back to its input first. */
    setTimeout(() => moveOn(form, document.getElementById("procedure_code")), 0);
  } else if (event.target.matches(FIELDS) && event.target.getAttribute("aria-expanded") !== "true") {
    const isLast = walk(form).at(-1) === event.target;
    if (isLast && form.id !== "intake") return;
    event.preventDefault();
    moveOn(form, event.target);
  }
}

/** An element that names an F-key is pressed by it, a field is entered. */
function onKey(event) {
  if (!/^F[0-9]+$/.test(event.key) || event.ctrlKey || event.altKey || event.shiftKey || event.metaKey) return;
  const target = [...document.querySelectorAll(`[data-key="${event.key}"]`)].find((each) => each.offsetParent !== null);
  if (!target) return;
  event.preventDefault();
  target.focus();
  if (target.matches("input")) target.select();
  else target.click();
}

/** A second click while the first is under way would only be noise; the desk saves a form once anyway. */
function onSubmit(event) {
  const button = event.target.querySelector("button.primary");
  if (button) setTimeout(() => { button.disabled = true; }, 0);
}

function escaped(text) {
  const holder = document.createElement("span");
  holder.textContent = text;
  return holder.innerHTML;
}

function shownText(procedure) {
  if (!procedure) return "";
  return typeof procedure === "string" ? procedure : `${procedure.code} ${procedure.name}`;
}

function suggestion(procedure) {
  if (typeof procedure === "string") return escaped(procedure);
  return `<span class="option-name">${escaped(procedure.name)}</span>`
    + `<span class="option-code">${escaped(procedure.code)} · ${escaped(procedure.field)}</span>`;
}

/** Turns the list of procedures into a type-ahead whose source is the desk's folded search. */
function enhanceProcedures(select) {
  const words = select.dataset;
  const chosen = select.options[select.selectedIndex];
  const describedBy = select.getAttribute("aria-describedby");
  let asked = 0;
  let isAsking = false;

  function choose(code) {
    if (select.value === code) return;
    select.value = code;
    select.dispatchEvent(new Event("change", { bubbles: true }));
  }

  function source(query, show) {
    const turn = ++asked;
    isAsking = true;
    const text = select.value && query === input().value && query === select.selectedOptions[0].textContent ? "" : query;
    setTimeout(async () => {
      if (turn !== asked) return;
      const answer = await fetch(`${words.source}?q=${encodeURIComponent(text)}`, { headers: { Accept: "application/json" } });
      if (answer.status === 401) location.assign(answer.headers.get("HX-Redirect"));
      if (!answer.ok || turn !== asked) return;
      isAsking = false;
      show(await answer.json());
    }, query ? 80 : 0);
  }

  /** The type-ahead asks for this while it has no options, also before the first answer has come. */
  function noneText() {
    return isAsking ? "…" : words.none;
  }

  function input() {
    return document.getElementById("procedure_code");
  }

  accessibleAutocomplete.enhanceSelectElement({
    selectElement: select,
    name: "procedure_text",
    defaultValue: select.value ? chosen.textContent : words.typed,
    placeholder: words.placeholder,
    displayMenu: "overlay",
    showAllValues: true,
    dropdownArrow: () => "",
    source,
    templates: { inputValue: shownText, suggestion },
    onConfirm: (procedure) => { if (procedure) choose(typeof procedure === "string" ? select.value : procedure.code); },
    tNoResults: noneText,
    tAssistiveHint: () => words.hint,
    tStatusQueryTooShort: () => "",
    tStatusNoResults: noneText,
    tStatusSelectedOption: (option) => option,
    tStatusResults: (length) => String(length),
  });

  const field = input();
  if (describedBy) field.setAttribute("aria-describedby", describedBy);
  if (select.getAttribute("aria-invalid")) field.setAttribute("aria-invalid", "true");
  field.maxLength = 200;
  /* Text that was changed by hand no longer names the procedure chosen before. */
  field.addEventListener("input", () => choose(""));
}

/** Puts the procedure of the last dossier into the form again: the type-ahead is made anew around it. */
function repeatLast(button) {
  const select = document.getElementById("procedure_code-select");
  document.querySelector(".autocomplete__wrapper").parentElement.remove();
  select.id = "procedure_code";
  select.value = button.dataset.repeat;
  enhanceProcedures(select);
  select.dispatchEvent(new Event("change", { bubbles: true }));
  document.getElementById("submitter_name").focus();
}

/** The day and time follow the corrected clock until a clerk types into either. */
function followClock(form) {
  const fields = [form.elements.received_on, form.elements.received_time];
  let isFollowing = true;
  for (const field of fields) field.addEventListener("input", () => { isFollowing = false; });
  document.body.addEventListener("desk-clock", (event) => {
    if (!isFollowing || fields.includes(document.activeElement)) return;
    const { day, time } = event.detail;
    if (fields[0].value === day && fields[1].value === time) return;
    [fields[0].value, fields[1].value] = [day, time];
    htmx.trigger("#appointment", "clock-moved");
  });
}

document.addEventListener("keydown", onEnter);
document.addEventListener("keydown", onKey);
document.addEventListener("submit", onSubmit);
document.addEventListener("DOMContentLoaded", () => {
  const form = document.getElementById("intake");
  if (!form) return;
  enhanceProcedures(form.elements.procedure_code);
  if (form.dataset.followsClock) followClock(form);
  const repeat = form.querySelector("[data-repeat]");
  if (repeat) {
    repeat.hidden = false;
    repeat.addEventListener("click", () => repeatLast(repeat));
    document.addEventListener("keydown", (event) => {
      if (event.key === "F2") { event.preventDefault(); repeatLast(repeat); }
    });
  }
  const invalid = [...form.querySelectorAll("[aria-invalid]")].find((field) => field.offsetParent !== null);
  (invalid || document.getElementById("procedure_code")).focus();
});
