// [data-chart] is a figure with a table; here the table is drawn. Without this script the table stands open.
import { BarChart, LineChart } from "echarts/charts";
import { DataZoomComponent, GridComponent, LegendScrollComponent, MarkLineComponent, TooltipComponent } from "echarts/components";
import * as echarts from "echarts/core";
import { CanvasRenderer } from "echarts/renderers";
import { on } from "../lib/dom.js";
import { pointAtMarks } from "./marks.js";
import { open } from "./menu.js";
import { option } from "./option.js";
import { read } from "./reading.js";

echarts.use([BarChart, LineChart, CanvasRenderer, DataZoomComponent, GridComponent, LegendScrollComponent, MarkLineComponent, TooltipComponent]);

/** @typedef {{ chart: echarts.EChartsType, read: import("./reading.js").Read, canvas: HTMLElement }} Drawn */
/** @type {Map<HTMLElement, Drawn>} */
const drawn = new Map();
const resized = new ResizeObserver((entries) => {
  for (const { target } of entries) echarts.getInstanceByDom(/** @type {HTMLElement} */ (target))?.resize();
});
const seen = new IntersectionObserver((entries) => {
  for (const { target, isIntersecting } of entries) {
    if (!isIntersecting) continue;
    seen.unobserve(target);
    draw(/** @type {HTMLElement} */ (target));
  }
}, { rootMargin: "300px" });

/** @param {ParentNode} within */
function find(within) {
  for (const [figure, { chart, canvas }] of drawn) {
    if (figure.isConnected) continue;
    resized.unobserve(canvas);
    chart.dispose();
    drawn.delete(figure);
  }
  for (const figure of within.querySelectorAll("[data-chart]:not([data-chart-state])")) {
    const place = /** @type {HTMLElement} */ (figure);
    place.dataset.chartState = "waiting";
    const canvas = place.querySelector("[data-chart-canvas]");
    if (canvas instanceof HTMLElement) canvas.hidden = false; // its room, so that nothing moves later
    seen.observe(place);
  }
}

/** @param {HTMLElement} figure */
function draw(figure) {
  const canvas = /** @type {HTMLElement | null} */ (figure.querySelector("[data-chart-canvas]"));
  const found = read(figure);
  if (!canvas || !found) return;
  const chart = echarts.init(canvas);
  chart.setOption(option(found, getComputedStyle(figure)));
  chart.getZr().on("click", (event) => choose(figure, chart, found, event));
  pointAtMarks(figure, chart, found);
  drawn.set(figure, { chart, read: found, canvas });
  resized.observe(canvas);
  figure.dataset.chartState = "drawn";
}

/** Tells what is behind the point nearest to a click. @param {HTMLElement} figure @param {any} chart @param {import("./reading.js").Read} read @param {any} event */
function choose(figure, chart, read, event) {
  const place = [event.offsetX, event.offsetY];
  if (!chart.containPixel("grid", place)) return;
  const [at, value] = chart.convertFromPixel({ seriesIndex: 0 }, place);
  const shownNames = chart.getOption().legend?.[0]?.selected ?? {};
  const row = Math.max(0, Math.min(read.columns.length - 1, Math.round(at)));
  const near = read.series
    .filter((series) => !series.isBefore && shownNames[series.name] !== false)
    .map((series) => series.points[row])
    .filter((point) => point && point.value !== null);
  if (!near.length) return;
  const nearest = read.kind === "stack" || read.kind === "area" ? inStack(near, value) : closest(near, value);
  const named = read.series.find((series) => series.points[row] === nearest);
  const title = `${read.columns[row]}: ${nearest.text} ${named?.name ?? ""}`;
  open({ figure, title, href: nearest.href, ...read.days[row] }, event.event.clientX, event.event.clientY);
}

/** @param {import("./reading.js").Point[]} points @param {number} value */
function closest(points, value) {
  const away = (/** @type {import("./reading.js").Point} */ point) => Math.abs((point.value ?? 0) - value);
  return points.reduce((best, point) => (away(point) < away(best) ? point : best));
}

/** @param {import("./reading.js").Point[]} points @param {number} value */
function inStack(points, value) {
  let height = 0;
  for (const point of points) {
    height += point.value ?? 0;
    if (value <= height) return point;
  }
  return points[points.length - 1];
}

function paintAgain() {
  for (const [figure, { chart, read: found }] of drawn) chart.setOption(option(found, getComputedStyle(figure)), true);
}

on("click", "[data-chart-png]", (button) => {
  const figure = /** @type {HTMLElement | null} */ (button.closest("[data-chart]"));
  const found = figure && drawn.get(figure);
  if (!figure || !found) return;
  const link = document.createElement("a");
  link.href = found.chart.getDataURL({ pixelRatio: 2, backgroundColor: getComputedStyle(figure).getPropertyValue("--chart-paper").trim() });
  link.download = `${figure.dataset.chartName ?? "chart"}.png`;
  link.click();
});

document.addEventListener("devora:theme", paintAgain);
document.addEventListener("htmx:afterSettle", () => find(document));
find(document);
