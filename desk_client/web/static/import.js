/* A file that is too large is told before it is sent: the program would have to take it whole to say so. */
"use strict";

const file = document.getElementById("file");
const tooLarge = document.getElementById("too-large");

function onChosen() {
  const [chosen] = file.files;
  tooLarge.hidden = !chosen || chosen.size <= Number(file.dataset.bytesMax);
  if (!tooLarge.hidden) file.value = "";
}

file.addEventListener("change", onChosen);
