/* The form of a step or a correction: its time follows the clock until somebody types, and the first field has the focus. */
"use strict";

function followStepClock(form) {
  const fields = [form.elements.happened_on, form.elements.happened_time];
  let isFollowing = true;
  for (const field of fields) field.addEventListener("input", () => { isFollowing = false; });
  document.body.addEventListener("desk-clock", (event) => {
    if (!isFollowing || fields.includes(document.activeElement)) return;
    [fields[0].value, fields[1].value] = [event.detail.day, event.detail.time];
  });
}

document.addEventListener("DOMContentLoaded", () => {
  const form = document.getElementById("step");
  if (form.dataset.followsClock) followStepClock(form);
  const invalid = form.querySelector("[aria-invalid]");
  const first = form.querySelector("textarea, input:not([type=hidden], [type=radio], [type=checkbox]), select");
  const beginning = invalid || first;
  beginning.focus();
  /* What stands there already is offered: whoever types something else replaces it. */
  if (beginning.select) beginning.select();
});
