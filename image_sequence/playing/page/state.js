// What is set. It lives in the page's address, behind the "#".

const SAVED_AFTER = 400; // Milliseconds: browsers refuse to change the address all the time.

export const state = {};
export const tables = await (await fetch("tables.json")).json();

let saving = 0;

export function copyOf(value) {
  return JSON.parse(JSON.stringify(value));
}

export function isObject(value) {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function first() {
  const configuration = copyOf(tables.presets[tables.first]);
  const boxes = { cells: false, ink: false };
  return { labels: tables.labels, minimum: 0, maximum: 20, width: 200, seed: "7", boxes, configuration };
}

// Whether the controls can show it; what is wrong beyond that, the server says.
function isPlausible(found) {
  const configuration = isObject(found) ? found.configuration : null;
  if (!isObject(configuration) || !isObject(configuration.image)) return false;
  const sections = ["layout", "page"].filter((name) => name in configuration);
  return isObject(configuration.spacing)
    && isObject(found.boxes)
    && sections.every((name) => isObject(configuration[name]));
}

// Takes the state from the address; returns what is wrong with that, if anything.
export function load() {
  let problem = "";
  Object.assign(state, first());
  if (location.hash.length > 1) {
    try {
      const found = JSON.parse(decodeURIComponent(location.hash.slice(1)));
      if (!isPlausible(found)) throw new TypeError("no settings");
      for (const key of Object.keys(state)) if (key in found) state[key] = found[key];
    } catch {
      problem = "The address holds no settings of this page, so it begins anew.";
    }
  }
  return problem;
}

export function save() {
  clearTimeout(saving);
  saving = setTimeout(() => {
    history.replaceState(null, "", "#" + encodeURIComponent(JSON.stringify(state)));
  }, SAVED_AFTER);
}

// A value of the configuration, or what stands for its absence.
export function read(path, absent) {
  const [section, key] = path;
  const value = state.configuration[section]?.[key];
  return value === undefined ? absent : value;
}

// Sets one; what is as usual is not said, and neither is an optional section without anything.
export function write(path, value, usual) {
  const [section, key] = path;
  const whole = (state.configuration[section] ??= {});
  if (JSON.stringify(value) === JSON.stringify(usual)) delete whole[key];
  else whole[key] = value;
  const isOptional = section === "layout" || section === "page";
  if (isOptional && Object.keys(whole).length === 0) delete state.configuration[section];
}

// What the server is asked.
export function wishes() {
  const { boxes, ...rest } = state;
  return rest;
}
