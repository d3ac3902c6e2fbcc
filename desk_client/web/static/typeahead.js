/* The type-ahead over procedures, made around a plain list that works without it. */
"use strict";

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
