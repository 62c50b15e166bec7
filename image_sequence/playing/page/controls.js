// The form: fills its controls from the state, and hears of every change.

import { element, endsOf, options, pair, single } from "./elements.js";
import { copyOf, isObject, read, state, tables, write } from "./state.js";
import { fillPanel } from "./steps.js";

const COLOURS = ["red", "green", "blue"];
const OWN = "own steps";
const MOST_SHOWN = 24; // Labels that are listed; some data sets have hundreds.
const at = (id) => document.getElementById(id);

let changed = () => {};

function rebuilt() {
  fill();
  changed();
}

function isPreset(name) {
  return JSON.stringify(tables.presets[name]) === JSON.stringify(state.configuration);
}

function pathOf(control) {
  return control.dataset.at.split(".");
}

// What stands for a value that is not said: what the control showed before anything was set.
function usualOf(control) {
  if (control.type === "checkbox") return false;
  if (control.type === "number") return undefined;
  const isNeeded = ["type", "subtype"].includes(pathOf(control)[1]);
  return isNeeded ? null : control.dataset.usual ?? control.options[0].value;
}

function valueOf(control) {
  if (control.type === "checkbox") return control.checked;
  if (control.type === "number") return control.value === "" ? undefined : Number(control.value);
  return control.value;
}

function hear(control) {
  control.addEventListener(control.type === "number" ? "input" : "change", () => {
    const path = pathOf(control);
    if (path[1] === "type") {
      // Parameters of one distribution mean nothing to another.
      const { type, subtype, measure, overlap } = state.configuration.spacing;
      state.configuration.spacing = JSON.parse(JSON.stringify({ type, subtype, measure, overlap }));
    }
    write(path, valueOf(control), usualOf(control));
    if (path[1] === "per") delete state.configuration.layout?.spread;
    if (control.type === "number") changed();
    else rebuilt();
  });
}

function fillSimple() {
  at("labels").value = state.labels;
  at("seed").value = state.seed;
  at("cells").checked = state.boxes.cells;
  at("ink").checked = state.boxes.ink;
  for (const control of document.querySelectorAll("[data-at]")) {
    const value = read(pathOf(control), usualOf(control));
    if (control.type === "checkbox") control.checked = value === true;
    else control.value = value ?? "";
  }
  const transform = read(["image", "transform"]);
  at("transform").value = Array.isArray(transform) ? OWN : named(transform);
  at("preset").value = Object.keys(tables.presets).find(isPreset) ?? "";
}

function named(transform) {
  if (typeof transform === "string") return transform;
  return transform === true ? "classic" : "nothing";
}

function fillRanges() {
  const set = (key) => (value) => {
    state[key] = value;
    changed();
  };
  const widths = { low: 20, high: 800, step: 1, unit: "pixels" };
  at("width").replaceChildren(single({ ...widths, id: "image-width", name: "Width", value: state.width, tell: set("width") }));
  const gaps = { low: read(["spacing", "overlap"]) === true ? -28 : 0, high: 80, step: 1, unit: "pixels" };
  const value = [state.minimum, state.maximum];
  const tell = (ends) => {
    [state.minimum, state.maximum] = ends;
    changed();
  };
  at("gaps").replaceChildren(pair({ ...gaps, id: "spacing", name: "Gaps", value, tell }));
}

function fillLayout() {
  at("layout").replaceChildren(...tables.layout.map((parameter) => pair({
    ...parameter,
    id: `layout-${parameter.name}`,
    value: endsOf(read(["layout", parameter.name], parameter.usual), parameter.usual),
    tell: (ends) => {
      write(["layout", parameter.name], ends, parameter.usual);
      changed();
    },
  })));
}

function fillPage() {
  const isColoured = ["paper", "ink"].some((key) => isObject(read(["page", key])));
  at("coloured").checked = isColoured;
  const rows = tables.page.flatMap((parameter) => {
    const path = ["page", parameter.name];
    const found = read(path, parameter.usual);
    const isOwn = isObject(found);
    return (isOwn ? COLOURS : [""]).map((colour) => pair({
      ...parameter,
      id: `page-${parameter.name}${colour}`,
      name: colour ? `${parameter.name}, ${colour}` : parameter.name,
      value: endsOf((isOwn ? found[colour] : found) ?? parameter.usual, parameter.usual),
      tell: (ends) => {
        if (isOwn) write(path, { ...read(path), [colour]: ends });
        else write(path, ends, parameter.usual);
        changed();
      },
    }));
  });
  at("page").replaceChildren(...rows);
}

function colour() {
  for (const { name, usual } of tables.page) {
    const found = read(["page", name], usual);
    const grey = isObject(found) ? found.green ?? usual : found;
    const wanted = Object.fromEntries(COLOURS.map((one) => [one, copyOf(grey)]));
    write(["page", name], at("coloured").checked ? wanted : grey, usual);
  }
  rebuilt();
}

// Fills all controls; whoever had the focus has it still.
export function fill() {
  const focus = document.activeElement?.id;
  fillSimple();
  fillRanges();
  fillLayout();
  fillPage();
  tables.panels.forEach((panel, k) => fillPanel(at("panels").children[k], panel, { changed, rebuilt }));
  if (focus && document.activeElement?.id !== focus) at(focus)?.focus({ preventScroll: true });
}

function prepare() {
  const { classes } = tables;
  const more = classes.length > MOST_SHOWN ? `, … (${classes.length} of them)` : "";
  const isShort = classes.every((label) => label.length === 1);
  const listed = classes.slice(0, MOST_SHOWN).join(isShort ? " " : ", ");
  at("classes").textContent = `Of ${listed}${more}${isShort ? "" : "; with commas between them"}`;
  options(at("preset"), ["", ...Object.keys(tables.presets)], { "": "(none of them)" });
  options(at("type"), tables.spacings);
  options(at("resample"), tables.resamples);
  at("resample").dataset.usual = "bicubic";
  options(at("transform"), ["nothing", ...tables.transforms, OWN], { [OWN]: "the steps below" });
  at("panels").replaceChildren(...tables.panels.map(() => element("details")));
}

function choosePreset() {
  const name = at("preset").value;
  if (name) state.configuration = copyOf(tables.presets[name]);
  rebuilt();
}

function chooseTransform() {
  const name = at("transform").value;
  if (name !== OWN) state.configuration.image.transform = name === "nothing" ? false : name;
  else at("panels").firstChild.open = true;
  rebuilt();
}

// Has `tell` hear of every change from now on.
export function listen(tell) {
  changed = tell;
  prepare();
  document.querySelectorAll("[data-at]").forEach(hear);
  at("controls").addEventListener("submit", (event) => event.preventDefault());
  at("preset").addEventListener("change", choosePreset);
  at("transform").addEventListener("change", chooseTransform);
  at("coloured").addEventListener("change", colour);
  for (const key of ["labels", "seed"]) {
    at(key).addEventListener("input", () => {
      state[key] = at(key).value;
      changed();
    });
  }
  at("another").addEventListener("click", () => {
    state.seed = String(crypto.getRandomValues(new Uint32Array(1))[0]);
    rebuilt();
  });
}
