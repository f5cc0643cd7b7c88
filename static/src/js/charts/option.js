// What ECharts is told of a chart, in the colours of the page's theme.
import { shown } from "./units.js";

/** @typedef {import("./reading.js").Read} Read */

const FEW = 60; // points up to which each is marked
const FEW_NOTES = 6; // told at once where one points at
export const MARKS_PX = 24; // the height of the strip above the chart in which marks are

/** @param {Read} read @param {CSSStyleDeclaration} style of the page */
export function option(read, style) {
  const colour = (/** @type {string} */ name) => style.getPropertyValue(name).trim();
  const muted = colour("--chart-text"), line = colour("--chart-line");
  const format = shown(read.unit);
  const isStacked = read.kind === "stack" || read.kind === "area";
  return {
    animation: false,
    aria: { enabled: false }, // the table says it better
    color: Array.from({ length: 10 }, (_, at) => colour(`--chart-${at}`)),
    textStyle: { fontFamily: style.fontFamily },
    grid: { left: 8, right: 12, top: read.notes.length ? MARKS_PX : 12, bottom: below(read), containLabel: true },
    legend: {
      show: hasLegend(read), type: "scroll", left: 0, bottom: zoomable(read) ? 24 : 0,
      textStyle: { color: muted }, pageTextStyle: { color: muted }, pageIconColor: muted,
      icon: "roundRect", itemWidth: 10, itemHeight: 10,
    },
    tooltip: {
      trigger: "axis", renderMode: "richText", confine: true, order: "valueDesc",
      backgroundColor: colour("--chart-tip"), borderColor: line, textStyle: { color: colour("--chart-tip-text"), fontSize: 12 },
      formatter: (/** @type {any[]} */ points) => told(read, points),
    },
    xAxis: {
      type: "category", data: read.columns, boundaryGap: isBars(read),
      axisLine: { lineStyle: { color: line } }, axisTick: { show: false }, axisLabel: { color: muted, hideOverlap: true },
    },
    yAxis: {
      type: "value", min: read.unit === "share" ? lowest(read) : 0, max: read.unit === "share" ? 1 : undefined,
      splitLine: { lineStyle: { color: line } }, axisLabel: { color: muted, formatter: format }, minInterval: read.unit === "count" ? 1 : 0,
    },
    dataZoom: zoomable(read)
      ? [
          { type: "inside", zoomOnMouseWheel: "ctrl", moveOnMouseWheel: false },
          { type: "slider", height: 16, bottom: 2, borderColor: "transparent", textStyle: { color: muted }, brushSelect: true, showDetail: false },
        ]
      : [],
    series: read.series.map((series, at) => ({
      type: isBars(read) ? "bar" : "line",
      name: series.name,
      data: series.points.map((point) => point.value),
      stack: isStacked && !series.isBefore ? "all" : undefined,
      areaStyle: read.kind === "area" && !series.isBefore ? { opacity: 0.35 } : undefined,
      lineStyle: { width: 2, type: series.isBefore ? "dashed" : "solid", opacity: series.isBefore ? 0.6 : 1 },
      itemStyle: series.isBefore ? { color: muted } : undefined,
      showSymbol: series.points.length <= FEW, symbolSize: 5, connectNulls: false,
      barMaxWidth: 28, cursor: "pointer", emphasis: { focus: "none" },
      markLine: at === 0 && read.notes.length ? marks(read, muted) : undefined,
    })),
  };
}

/** @param {Read} read */
function isBars(read) {
  return read.kind === "bar" || read.kind === "stack";
}

/** @param {Read} read */
function zoomable(read) {
  return read.columns.length > 30;
}

/** @param {Read} read */
function hasLegend(read) {
  return read.series.length > 1;
}

/** The room for what stands under the chart, in px. @param {Read} read */
function below(read) {
  return 4 + (zoomable(read) ? 22 : 0) + (hasLegend(read) ? 24 : 0);
}

/** @param {Read} read */
function lowest(read) {
  const values = read.series.flatMap((series) => series.points.map((point) => point.value ?? 1));
  return Math.floor(Math.min(...values, 1) * 10) / 10;
}

/** @param {Read} read @param {any[]} points */
function told(read, points) {
  if (!points.length) return "";
  const at = points[0].dataIndex;
  const lines = points.map((point) => {
    const series = read.series[point.seriesIndex];
    return `${point.marker} ${series.name}  ${series.points[at].text}`;
  });
  const notes = read.notes.filter((note) => note.at === at).map((note) => note.text);
  const more = notes.length > FEW_NOTES ? [`and ${notes.length - FEW_NOTES} more`] : [];
  return [read.columns[at], ...lines, ...notes.slice(0, FEW_NOTES), ...more].join("\n");
}

/** @param {Read} read @param {string} colour */
function marks(read, colour) {
  const places = [...new Set(read.notes.map((note) => note.at))];
  return {
    symbol: ["none", "triangle"], symbolSize: 9, symbolRotate: 180, symbolOffset: [[0, 0], [0, 7]] /* turned with the triangle */, silent: true, animation: false,
    lineStyle: { color: colour, type: "dotted", width: 1 }, label: { show: false },
    data: places.map((at) => ({ xAxis: at })),
  };
}
