// The page: asks the server whenever something changes, and shows what it says.

import { fill, listen } from "./controls.js";
import { load, save, state, wishes } from "./state.js";
import { showBoxes, showPictures } from "./pictures.js";

const at = (id) => document.getElementById(id);
const GONE = "The playground does not answer. Is image-sequence play still running?";

let asked = 0;
let shown = 0;
let isBusy = false;
let problem = "";
let answer = {};

async function reply() {
  const headers = { "Content-Type": "application/json" };
  try {
    const response = await fetch("draw", { method: "POST", headers, body: JSON.stringify(wishes()) });
    return await response.json();
  } catch {
    return { error: GONE };
  }
}

// One request at a time: while it is under way, only the latest wishes wait.
async function ask() {
  asked += 1;
  document.body.dataset.asked = asked;
  if (isBusy) return;
  isBusy = true;
  at("stage").setAttribute("aria-busy", "true");
  while (shown < asked) {
    const number = asked;
    show(await reply());
    shown = number;
    document.body.dataset.shown = shown;
  }
  isBusy = false;
  at("stage").setAttribute("aria-busy", "false");
}

function show(found) {
  at("error").textContent = found.error ?? problem;
  at("stage").classList.toggle("stale", "error" in found);
  if ("error" in found) return;
  answer = found;
  showPictures(found.pictures);
  showBoxes(state.boxes);
  showLines();
}

function form() {
  return document.querySelector("[name=form]:checked");
}

function showLines() {
  at("lines").textContent = answer[form().value] ?? "";
  at("copied").textContent = "";
}

async function copy() {
  const text = at("lines").textContent;
  try {
    await navigator.clipboard.writeText(text);
    at("copied").textContent = `${form().parentElement.textContent.trim()} copied`;
  } catch {
    getSelection().selectAllChildren(at("lines"));
    at("copied").textContent = "The browser does not let the page copy; the lines are selected.";
  }
}

function changed() {
  problem = "";
  save();
  ask();
}

function begin() {
  problem = load();
  fill();
  ask();
}

for (const key of ["cells", "ink"]) {
  at(key).addEventListener("change", () => {
    state.boxes[key] = at(key).checked;
    showBoxes(state.boxes);
    save();
  });
}
document.querySelectorAll("[name=form]").forEach((one) => one.addEventListener("change", showLines));
at("copy").addEventListener("click", copy);
addEventListener("hashchange", begin);
listen(changed);
begin();
