/* The day and time of a form: they move with the desk's clock until a clerk types into either. */
"use strict";

/** Says to the desk that the day and time are the page's own, until a clerk types into either. */
function ownDay(form) {
  const fields = [form.elements.received_on, form.elements.received_time];
  form.elements.own_day.value = "yes";
  for (const field of fields) field.addEventListener("input", () => { form.elements.own_day.value = ""; });
}

/** The day and time follow the desk's clock for as long as they are the page's own. */
function followClock(form) {
  const fields = [form.elements.received_on, form.elements.received_time];
  document.body.addEventListener("desk-clock", (event) => {
    if (form.elements.own_day.value !== "yes" || fields.includes(document.activeElement)) return;
    const { day, time } = event.detail;
    if (fields[0].value === day && fields[1].value === time) return;
    [fields[0].value, fields[1].value] = [day, time];
    htmx.trigger("#appointment", "clock-moved");
  });
}

document.addEventListener("DOMContentLoaded", () => {
  const form = document.querySelector("form[data-own-day]");
  if (!form) return;
  ownDay(form);
  if (form.dataset.followsClock) followClock(form);
});
