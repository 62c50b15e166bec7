// Panels of steps: each kind with a box to tick, and the ranges of those that are ticked.

import { element, endsOf, pair, single } from "./elements.js";
import { copyOf, isObject, read, tables, write } from "./state.js";

const GROUP = "random_order";
const switchedOff = new Map(); // What a step was like when it was last switched off.

function isGlyphs(path) {
  return path[0] === "image";
}

// A step may be its name alone.
function normal(step) {
  return typeof step === "string" ? { [step]: {} } : copyOf(step);
}

// The steps as a list of their own, which may be changed.
export function stepsOf(path) {
  let found = read(path, []);
  if (typeof found === "string") found = tables.pipelines[found] ?? [];
  const listed = Array.isArray(found) ? found : [];
  return listed.map(normal).filter(isObject).map((step) => {
    const inner = step[GROUP];
    return Array.isArray(inner) ? { [GROUP]: inner.map(normal).filter(isObject) } : step;
  });
}

function keep(path, steps) {
  if (steps.length > 0) write(path, steps);
  else write(path, isGlyphs(path) ? false : undefined, isGlyphs(path) ? null : undefined);
}

// All steps in their order, those of a group as well: the list each is in, and its place there.
function flat(steps) {
  return steps.flatMap((step, place) => {
    const inner = step[GROUP];
    if (Array.isArray(inner)) return inner.map((one, at) => about(one, inner, at, true));
    return [about(step, steps, place, false)];
  });
}

function about(step, list, place, isGrouped) {
  const name = Object.keys(step)[0];
  return { name, choices: isObject(step[name]) ? step[name] : {}, list, place, isGrouped };
}

function switchOn(path, name) {
  const steps = stepsOf(path);
  // What moves ink stands before what does not; else as in the table.
  const known = tables.panels.filter((panel) => panel.path.join() === path.join())
    .flatMap((panel) => panel.kinds);
  const rank = (one) => {
    const at = known.findIndex((kind) => kind.name === one);
    return at - (known[at]?.moves && !isGlyphs(path) ? known.length : 0);
  };
  const before = steps.findIndex((step) => rank(Object.keys(step)[0]) > rank(name));
  const made = switchedOff.get(`${path}/${name}`) ?? [{}];
  const wanted = made.map((choices) => ({ [name]: choices }));
  steps.splice(before < 0 ? steps.length : before, 0, ...wanted);
  keep(path, steps);
}

function switchOff(path, name) {
  const steps = stepsOf(path);
  const gone = flat(steps).filter((one) => one.name === name);
  switchedOff.set(`${path}/${name}`, gone.map((one) => one.choices));
  for (const one of gone.reverse()) one.list.splice(one.place, 1);
  keep(path, steps.filter((step) => !(Array.isArray(step[GROUP]) && step[GROUP].length === 0)));
}

function earlier(path, number) {
  const steps = stepsOf(path);
  const { list, place } = flat(steps)[number];
  list.splice(place - 1, 0, ...list.splice(place, 1));
  keep(path, steps);
}

function change(path, number, key, value) {
  const steps = stepsOf(path);
  const one = flat(steps)[number];
  const choices = { ...one.choices };
  if (value === undefined) delete choices[key];
  else choices[key] = value;
  one.list[one.place] = { [one.name]: choices };
  keep(path, steps);
}

const SHARE = { low: 0, high: 1, step: 0.05 };

// The controls of one step; `changed` hears of new values, `rebuilt` of other controls.
function body(path, kind, number, one, { changed, rebuilt }) {
  const id = `${path.join("-")}-${number}`;
  const set = (key) => (value) => {
    change(path, number, key, value);
    changed();
  };
  const rows = kind.parameters.map((parameter) => pair({
    ...parameter,
    id: `${id}-${parameter.name}`,
    value: endsOf(one.choices[parameter.name] ?? parameter.usual, parameter.usual),
    tell: set(parameter.name),
  }));
  const p = one.choices.p ?? 1;
  rows.push(single({ ...SHARE, id: `${id}-p`, name: "how often", unit: "share", value: p, tell: set("p") }));
  if (isGlyphs(path)) rows.push(...unity(path, number, one, id, { set, rebuilt }));
  if (!one.isGrouped && one.place > 0) {
    const button = element("button", { type: "button", id: `${id}-earlier` }, "Do it earlier");
    button.addEventListener("click", () => {
      earlier(path, number);
      rebuilt();
    });
    rows.push(button);
  }
  return rows;
}

// Whether all glyphs of a picture get the same.
function unity(path, number, one, id, { set, rebuilt }) {
  const box = element("input", { type: "checkbox", id: `${id}-per` });
  box.checked = one.choices.per === "sequence";
  box.addEventListener("change", () => {
    change(path, number, "per", box.checked ? "sequence" : undefined);
    if (!box.checked) change(path, number, "spread", undefined);
    rebuilt();
  });
  const tick = element("label", { className: "tick" }, box, " alike for all glyphs of a picture");
  if (!box.checked) return [tick];
  const value = one.choices.spread ?? 0;
  const name = "how far they differ";
  return [tick, single({ ...SHARE, id: `${id}-spread`, name, unit: "share", value, tell: set("spread") })];
}

function card(panel, kind, places, tell) {
  const { path } = panel;
  const box = element("input", { type: "checkbox", id: `${path.join("-")}-${kind.name}` });
  box.checked = places.length > 0;
  box.addEventListener("change", () => {
    if (box.checked) switchOn(path, kind.name);
    else switchOff(path, kind.name);
    tell.rebuilt();
  });
  const label = element("label", { className: "tick" }, box, " ", element("b", {}, kind.name));
  const summary = element("small", {}, kind.summary);
  const made = element("div", { className: "step", role: "group", "aria-label": kind.name }, label, summary);
  for (const { number, one } of places) made.append(...body(path, kind, number, one, tell));
  return made;
}

function orderOf(steps) {
  const names = steps.map((step) => {
    const inner = step[GROUP];
    if (!Array.isArray(inner)) return Object.keys(step)[0];
    return `(${inner.map((one) => Object.keys(one)[0]).join(", ")} in random order)`;
  });
  return names.length > 1 ? `One after another: ${names.join(", ")}.` : "";
}

// Fills a panel anew.
export function fillPanel(details, panel, tell) {
  const steps = stepsOf(panel.path);
  const all = flat(steps).map((one, number) => ({ number, one }));
  const cards = panel.kinds.map((kind) => {
    const places = all.filter(({ one }) => one.name === kind.name);
    return [card(panel, kind, places, tell), places.length];
  });
  const count = cards.filter(([, places]) => places > 0).length;
  const told = count > 0 ? `${count} of ${panel.kinds.length} on` : `${panel.kinds.length} steps`;
  const summary = element("summary", { id: `panel-${panel.title}` }, panel.title, " ", element("small", {}, told));
  const order = element("p", { className: "order" }, orderOf(steps));
  details.replaceChildren(summary, order, ...cards.map(([made]) => made));
}
