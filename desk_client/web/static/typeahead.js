/* The type-ahead over procedures, made around a plain list that works without it. */
"use strict";

const ENTER = { key: "Enter", keyCode: 13, bubbles: true, cancelable: true };

/** The code of the procedure that was picked, "" while none is. */
function chosen(form) {
  return form.querySelector("select[name=procedure_code]").value;
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
  let isEnterWaiting = false;

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
      const offers = await offersFor(text);
      if (turn !== asked) return;
      isAsking = false;
      show(offers);
      if (!isEnterWaiting) return;
      isEnterWaiting = false;
      setTimeout(() => input().dispatchEvent(new KeyboardEvent("keydown", ENTER)), 0);
    }, query ? 80 : 0);
  }

  async function offersFor(text) {
    try {
      const answer = await fetch(`${words.source}?q=${encodeURIComponent(text)}`, { headers: { Accept: "application/json" } });
      if (answer.status === 401) location.assign(answer.headers.get("HX-Redirect"));
      return answer.ok ? await answer.json() : [];
    } catch {
      return [];
    }
  }

  /** Enter that comes sooner than the answer waits for it: it never takes what was offered for other text. */
  function holdEnter(event) {
    if (event.key !== "Enter" || event.ctrlKey || !isAsking) return;
    event.preventDefault();
    event.stopImmediatePropagation();
    isEnterWaiting = true;
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
    defaultValue: select.value ? chosen.textContent : "",
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
    tStatusNoResults: () => (asked ? noneText() : ""),
    tStatusSelectedOption: (option) => option,
    tStatusResults: (length) => String(length),
  });

  const field = input();
  if (describedBy) field.setAttribute("aria-describedby", describedBy);
  if (select.getAttribute("aria-invalid")) field.setAttribute("aria-invalid", "true");
  field.maxLength = 200;
  field.addEventListener("keydown", holdEnter, { capture: true });
  /* Text that was changed by hand no longer names the procedure chosen before. */
  field.addEventListener("input", () => choose(""));
  if (select.value || !words.typed) return;
  /* Text of which nothing was picked is typed once more, so that it is searched for. */
  field.value = words.typed;
  field.dispatchEvent(new Event("input", { bubbles: true }));
}

/** Puts the procedure of the last dossier into the form again: the type-ahead is made anew around it. */
function repeatLast(button) {
  const select = document.getElementById("procedure_code-select");
  document.querySelector(".autocomplete__wrapper").parentElement.remove();
  select.id = "procedure_code";
  select.value = button.dataset.repeat;
  enhanceProcedures(select);
  select.dispatchEvent(new Event("change", { bubbles: true }));
  moveOn(select.form, document.getElementById("procedure_code"));
}

document.addEventListener("DOMContentLoaded", () => {
  const select = document.getElementById("procedure_code");
  enhanceProcedures(select);
  const repeat = select.form.querySelector("[data-repeat]");
  if (!repeat) return;
  repeat.hidden = false;
  repeat.addEventListener("click", () => repeatLast(repeat));
});
