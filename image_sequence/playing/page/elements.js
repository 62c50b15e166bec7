// Controls: a number, or a range with two ends, each with sliders and fields to type into.

export function element(name, settings = {}, ...children) {
  const made = document.createElement(name);
  for (const [key, value] of Object.entries(settings)) {
    if (key in made) made[key] = value;
    else made.setAttribute(key, value);
  }
  made.append(...children);
  return made;
}

export function options(select, values, texts = {}) {
  select.replaceChildren(...values.map((value) => new Option(texts[value] ?? value, value)));
}

// Whatever a configuration says as the two numbers of a range.
export function endsOf(value, usual) {
  const ends = Array.isArray(value) ? value : [value, value];
  return ends.length === 2 ? [...ends] : [...usual];
}

function numberIn(field) {
  return field.value.trim() === "" ? null : Number(field.value);
}

function field(id, name, step, value) {
  return element("input", { type: "number", id, step, value: value ?? "", "aria-label": name });
}

function slider(id, name, { low, high, step }) {
  return element("input", { type: "range", id, min: low, max: high, step, "aria-label": name });
}

// A slider reaches as far as was ever typed; it must not shrink under somebody's hand.
function widen(limits, values) {
  const numbers = values.filter((value) => typeof value === "number");
  limits.low = Math.min(limits.low, ...numbers);
  limits.high = Math.max(limits.high, ...numbers);
}

function show(thumb, value, limits) {
  thumb.min = limits.low;
  thumb.max = limits.high;
  thumb.value = value ?? limits.low;
}

function caption(name, unit) {
  const made = element("span", { className: "name" }, name);
  if (unit && unit !== name) made.append(" ", element("small", {}, unit));
  return made;
}

// One number; `tell` hears of each change.
export function single({ id, name, unit, value, tell, ...about }) {
  const thumb = slider(`${id}-slider`, `${name}, slider`, about);
  const typed = field(id, name, about.step, value);
  const track = element("div", { className: "track" }, thumb);
  const limits = { low: about.low, high: about.high };
  const fill = () => {
    widen(limits, [value]);
    show(thumb, value, limits);
    paint(track, limits, [limits.low, value]);
  };
  thumb.addEventListener("input", () => {
    value = Number(thumb.value);
    typed.value = value;
    fill();
    tell(value);
  });
  typed.addEventListener("input", () => {
    value = numberIn(typed);
    fill();
    tell(value);
  });
  fill();
  const row = element("div", { className: "one" }, track, typed);
  return element("div", { className: "range" }, caption(name, unit), row);
}

// A range: its least and its largest value; one end that passes the other takes it along.
export function pair({ id, name, unit, value, tell, ...about }) {
  const ends = [...value];
  const names = [`${name}, least`, `${name}, largest`];
  const ids = [`${id}-least`, `${id}-largest`];
  const thumbs = names.map((text, k) => slider(`${ids[k]}-slider`, `${text}, slider`, about));
  const fields = names.map((text, k) => field(ids[k], text, about.step, ends[k]));
  const track = element("div", { className: "track" }, ...thumbs);
  const limits = { low: about.low, high: about.high };
  const fill = () => {
    widen(limits, ends);
    thumbs.forEach((thumb, k) => show(thumb, ends[k], limits));
    paint(track, limits, ends);
  };
  thumbs.forEach((thumb, k) => thumb.addEventListener("input", () => {
    ends[k] = Number(thumb.value);
    const passed = k === 0 ? ends[1] < ends[0] : ends[0] > ends[1];
    if (passed) ends[1 - k] = ends[k];
    fields.forEach((typed, which) => (typed.value = ends[which]));
    fill();
    tell([...ends]);
  }));
  fields.forEach((typed, k) => typed.addEventListener("input", () => {
    ends[k] = numberIn(typed);
    fill();
    tell([...ends]);
  }));
  fill();
  const row = element("div", { className: "two" }, fields[0], track, fields[1]);
  const group = { className: "range", role: "group", "aria-label": name };
  return element("div", group, caption(name, unit), row);
}

function paint(track, { low, high }, [from, to]) {
  const share = (value) => (high > low ? (100 * ((value ?? low) - low)) / (high - low) : 0);
  track.style.setProperty("--from", `${share(from)}%`);
  track.style.setProperty("--to", `${share(to)}%`);
}
