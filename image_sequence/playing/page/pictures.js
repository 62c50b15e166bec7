// The pictures, with their boxes on top.

import { element } from "./elements.js";

const SVG = "http://www.w3.org/2000/svg";
const stage = document.getElementById("pictures");

function figure() {
  const overlay = document.createElementNS(SVG, "svg");
  overlay.setAttribute("aria-hidden", "true");
  overlay.setAttribute("preserveAspectRatio", "none");
  const frame = element("div", { className: "frame" }, element("img"), overlay);
  return element("figure", {}, frame, element("figcaption"));
}

function outline(points, kind) {
  const made = document.createElementNS(SVG, "polygon");
  made.setAttribute("points", points.map((point) => point.join(",")).join(" "));
  made.setAttribute("class", kind);
  return made;
}

function cornersOf([left, top, right, bottom]) {
  return [[left, top], [right, top], [right, bottom], [left, bottom]];
}

function fillFigure(made, picture) {
  const [image, overlay] = made.firstChild.children;
  const { width, height } = picture;
  image.src = picture.source;
  image.width = width;
  image.height = height;
  image.alt = `Sample ${picture.index}: ${picture.text}, ${width} × ${height} pixels`;
  made.style.setProperty("--width", width);
  overlay.setAttribute("viewBox", `0 0 ${width} ${height}`);
  const cells = picture.polygons ?? picture.boxes.map(cornersOf);
  overlay.replaceChildren(
    ...cells.map((points) => outline(points, "cells")),
    ...picture.ink_boxes.map((box) => outline(cornersOf(box), "ink")),
  );
  made.lastChild.textContent = `sample ${picture.index}, gaps ${picture.gaps.join(" ")}`;
}

export function showPictures(pictures) {
  while (stage.children.length < pictures.length) stage.append(figure());
  const [{ width, height }] = pictures;
  document.getElementById("size").textContent = `${width} × ${height} pixels`;
  pictures.forEach((picture, k) => fillFigure(stage.children[k], picture));
}

export function showBoxes({ cells, ink }) {
  stage.classList.toggle("with-cells", cells);
  stage.classList.toggle("with-ink", ink);
}
