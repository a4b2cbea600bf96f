// Draws packed curves with Plotly.react on one lasting DOM node. See live_chart.py.

const DEBOUNCE_MS = 150;

export default function ({ data, parentElement, setStateValue }) {
  const chart = (parentElement.__liveChart ??= makeChart(parentElement));
  chart.setWindow = (window_) => setStateValue("window", window_);
  chart.payload = decode(data);
  refresh(chart);
  return () => {
    chart.resizer.disconnect();
    if (window.Plotly) window.Plotly.purge(chart.plot);
    chart.root.remove(); // the parent may be given to us again
    delete parentElement.__liveChart;
  };
}

function makeChart(parent) {
  const root = document.createElement("div");
  root.className = "live-chart";
  root.tabIndex = 0;
  root.setAttribute("role", "img");
  const plot = document.createElement("div");
  const empty = document.createElement("div");
  empty.className = "empty";
  const shown = document.createElement("div");
  shown.className = "shown";
  root.append(plot, empty, shown);
  parent.append(root); // beside Streamlit's <style> with our CSS
  const chart = { root, plot, empty, shown, payload: null, isReady: false, pointer: null };
  chart.resizer = new ResizeObserver(() => {
    if (chart.isReady && chart.width !== root.clientWidth) refresh(chart);
  });
  chart.resizer.observe(root);
  return chart;
}

// ---- what Python packed -----------------------------------------------------------------

function decode(bytes) {
  const { header, payload } = unframe(bytes);
  let offset = 0;
  const take = (Type, n) => {
    const end = offset + n * Type.BYTES_PER_ELEMENT;
    const values = new Type(payload.slice(offset, end).buffer); // a copy is aligned
    offset = end;
    return values;
  };
  for (const trace of header.traces) {
    trace.x = take(Float64Array, trace.n);
    trace.y = take(Float32Array, trace.n);
    trace.smoothed = trace.smooth ? take(Float32Array, trace.n) : null;
    if (trace.spread) {
      trace.low = take(Float32Array, trace.n);
      trace.high = take(Float32Array, trace.n);
      trace.nRuns = take(Float32Array, trace.n);
    }
  }
  return header;
}

// ---- drawing ----------------------------------------------------------------------------

function refresh(chart) {
  const { root, empty, shown, payload } = chart;
  root.style.height = `${payload.height}px`;
  chart.plot.style.height = `${payload.height}px`;
  root.setAttribute("aria-label", payload.alt);
  if (payload.tab_title) document.title = payload.tab_title;
  const hasPoints = payload.traces.some((trace) => trace.n > 0);
  empty.textContent = hasPoints ? "" : payload.empty;
  empty.style.display = hasPoints ? "none" : "flex";
  shown.textContent = hasPoints ? countText(payload.traces) : "";
  loadPlotly(payload.plotly).then(
    (Plotly) => (hasPoints || chart.isReady) && draw(chart, Plotly),
    () => {
      empty.style.display = "flex";
      empty.textContent = "The chart library could not be loaded: reload the page.";
    },
  );
}

function countText(traces) {
  const most = traces.reduce((a, b) => (a.total > b.total ? a : b));
  return most.n < most.total
    ? `showing ${most.n.toLocaleString("en")} of ${most.total.toLocaleString("en")} points`
    : "";
}

function loadPlotly(url) {
  if (window.Plotly) return Promise.resolve(window.Plotly);
  window.__plotlyLoading ??= new Promise((resolve, reject) => {
    const script = document.createElement("script");
    script.src = new URL(url, appBase()).href;
    script.onload = () => resolve(window.Plotly);
    script.onerror = () => {
      window.__plotlyLoading = undefined;
      reject(new Error(`cannot load ${url}`));
    };
    document.head.append(script);
  });
  return window.__plotlyLoading;
}

// Streamlit's own script stands at <base>/static/js/…, wherever the app is mounted.
function appBase() {
  const script = document.querySelector('script[src*="static/js/"]');
  return script ? script.src.slice(0, script.src.indexOf("static/js/")) : document.baseURI;
}

function draw(chart, Plotly) {
  if (chart.isPressed) return; // a zoom box is being drawn: refresh when it is done
  const { plot, payload, root } = chart;
  const isDark = luminance(getComputedStyle(root).getPropertyValue("--st-background-color")) < 0.4;
  chart.textColour = textColour(chart);
  chart.width = root.clientWidth;
  const isNarrow = chart.width < 520;
  const scale = payload.large ? 1.35 : 1;
  const inStyle = (make) => (trace) => make(trace, payload.styles[trace.key], isDark, scale);
  const areas = payload.traces.filter((trace) => trace.spread);
  const traces = [
    ...areas.map(inStyle(spreadTrace(payload.log_y))), // below all lines
    ...payload.traces.flatMap(inStyle(plotlyTraces)),
  ];
  const layout = makeLayout(chart, isNarrow, isDark, scale);
  Plotly.react(plot, traces, layout, {
    displaylogo: false,
    responsive: false,
    doubleClick: "reset",
    modeBarButtonsToRemove: ["select2d", "lasso2d", "autoScale2d", "zoomIn2d", "zoomOut2d"],
    toImageButtonOptions: { filename: payload.file_name, scale: 2 },
    displayModeBar: isNarrow ? false : "hover",
  }).then(() => {
    if (!chart.isReady) listen(chart, Plotly);
    chart.isReady = true;
    if (chart.pointer) Plotly.Fx.hover(plot, chart.pointer, "xy");
  });
}

function plotlyTraces(trace, style, isDark, scale) {
  const colour = isDark ? style.dark : style.light;
  const uid = trace.key.replace(/\W/g, "-"); // Plotly makes class names of it
  const common = {
    type: "scatter",
    mode: trace.n < 3 ? "lines+markers" : "lines",
    x: trace.x,
    name: style.label,
    legendgroup: trace.key,
    connectgaps: true, // a step without such a number, as after a lone update of D
  };
  const main = {
    ...common,
    uid: `${uid}-main`,
    y: trace.smoothed ?? trace.y,
    line: { color: colour, width: 2.2 * scale, dash: style.dash },
    hovertemplate: "%{y:.4g}",
    ...(trace.spread ? spreadHover(trace) : {}),
  };
  const faint = {
    ...common,
    uid: `${uid}-raw`,
    y: trace.smoothed ? trace.y : [],
    x: trace.smoothed ? trace.x : [],
    line: { color: colour, width: 1 },
    opacity: 0.25,
    hoverinfo: "skip",
    showlegend: false,
  };
  return [faint, main];
}

// ---- bands around means over several runs ------------------------------------------------

function spreadHover(trace) {
  const most = trace.nRuns.reduce((a, b) => Math.max(a, b), 0);
  const text = Array.from(trace.low, (low, i) => {
    const ends = Number.isFinite(low) ? ` (${short(low)} to ${short(trace.high[i])})` : "";
    return trace.nRuns[i] < most ? `${ends}, ${trace.nRuns[i]} of ${most}` : ends;
  });
  return { text, hovertemplate: "%{y:.4g}%{text}" };
}

function short(value) {
  return Number(value.toPrecision(3)).toString();
}

// A closed area for each stretch of points that have a band.
function spreadTrace(isLog) {
  return (trace, style, isDark) => {
    const floor = isLog ? smallestPositive(trace) / 10 : -Infinity;
    const x = [];
    const y = [];
    for (const [start, end] of stretches(trace)) {
      if (x.length) { x.push(null); y.push(null); }
      for (let i = start; i < end; i++) { x.push(trace.x[i]); y.push(Math.max(trace.high[i], floor)); }
      for (let i = end - 1; i >= start; i--) { x.push(trace.x[i]); y.push(Math.max(trace.low[i], floor)); }
    }
    return {
      type: "scatter", mode: "lines", uid: `${trace.key.replace(/\W/g, "-")}-spread`, x, y,
      fill: "toself", fillcolor: isDark ? style.dark : style.light, opacity: isDark ? 0.22 : 0.16,
      line: { width: 0 }, hoverinfo: "skip", showlegend: false, legendgroup: trace.key,
    };
  };
}

function stretches(trace) {
  const found = [];
  let start = -1;
  for (let i = 0; i <= trace.n; i++) {
    const isThere = i < trace.n && Number.isFinite(trace.low[i]) && Number.isFinite(trace.high[i]);
    if (isThere && start < 0) start = i;
    if (!isThere && start >= 0) {
      found.push([start, i]);
      start = -1;
    }
  }
  return found;
}

function smallestPositive(trace) {
  return trace.y.reduce((least, value) => (value > 0 && value < least ? value : least), 1);
}

function makeLayout(chart, isNarrow, isDark, scale) {
  const { payload, width } = chart;
  const text = chart.textColour;
  const grid = isDark ? "rgba(255,255,255,0.13)" : "rgba(0,0,0,0.10)";
  const axis = {
    gridcolor: grid, zerolinecolor: grid, linecolor: grid, automargin: true,
    title: { standoff: 8 }, tickfont: { size: 13 * scale },
  };
  const margin = { l: 58, r: 14, t: isNarrow ? 22 : 40, b: isNarrow ? 92 : 50 };
  // On a phone the legend stands below the axis title, however low the chart is.
  const below = -54 / (payload.height - margin.t - margin.b);
  const legend = isNarrow
    ? { orientation: "h", x: 0, y: below, yanchor: "top" }
    : { orientation: "h", x: 0, y: 1.02, yanchor: "bottom" };
  const marks = placeMarks(payload.marks, payload.traces, width - 72, scale);
  const bands = placeBands(payload.bands, payload.traces, isDark);
  return {
    height: payload.height,
    width,
    margin,
    paper_bgcolor: "rgba(0,0,0,0)",
    plot_bgcolor: "rgba(0,0,0,0)",
    font: { family: getComputedStyle(chart.root).fontFamily, size: 14 * scale, color: text },
    hovermode: "x unified",
    hoverlabel: { bgcolor: isDark ? "#1d232c" : "#ffffff", font: { color: text, size: 13 * scale } },
    modebar: { bgcolor: "rgba(0,0,0,0)", color: text, activecolor: text },
    uirevision: "kept",
    legend: { ...legend, font: { size: 14 * scale }, uirevision: "kept" },
    showlegend: payload.legend && payload.traces.length > 1,
    xaxis: { ...axis, title: { ...axis.title, text: payload.x_title }, uirevision: payload.x_title },
    yaxis: {
      ...axis,
      title: { ...axis.title, text: payload.y_title },
      type: payload.log_y ? "log" : "linear",
      ...(payload.y_range && !payload.log_y ? { range: payload.y_range } : {}),
      uirevision: String(payload.log_y),
    },
    shapes: [
      ...bands.map(bandShape), ...lineShapes(payload.lines, text),
      ...marks.map((m) => markShape(m, text)),
    ],
    annotations: [
      ...bands.map((band, i) => bandLabel(band, i, scale)),
      ...payload.lines.map((line) => lineLabel(line, payload.log_y, text, scale)),
      ...marks.filter((m) => m.isLabelled).map((m) => markLabel(m, text, scale)),
    ],
  };
}

function lineShapes(lines, colour) {
  return lines.map((line) => ({
    type: "line", xref: "paper", x0: 0, x1: 1, y0: line.y, y1: line.y, layer: "below",
    line: { color: colour, width: 1.2, dash: "dash" }, opacity: 0.55,
  }));
}

function lineLabel(line, isLog, colour, scale) {
  return {
    xref: "paper", x: 1, xanchor: "right", yref: "y", y: isLog ? Math.log10(line.y) : line.y,
    yanchor: "bottom", text: line.label, showarrow: false, opacity: 0.8,
    font: { size: 12 * scale, color: colour },
  };
}

// A band of a single step still has some width, and a name at the side where there is room for it.
function placeBands(bands, traces, isDark) {
  const xs = traces.flatMap((trace) => (trace.n ? [trace.x[0], trace.x[trace.n - 1]] : []));
  if (!xs.length) return [];
  const low = Math.min(...xs);
  const span = Math.max(...xs) - low || 1;
  return bands.map((band) => ({
    ...band,
    x0: Math.min(band.x0, band.x1 - 0.004 * span),
    isLate: (band.x0 - low) / span > 0.6,
    colour: isDark ? band.ink.dark : band.ink.light,
  }));
}

function bandShape(band) {
  return {
    type: "rect", yref: "paper", y0: 0, y1: 1, x0: band.x0, x1: band.x1, layer: "below",
    fillcolor: band.colour, opacity: 0.1, line: { width: 0 },
  };
}

function bandLabel(band, i, scale) {
  return {
    x: band.isLate ? band.x1 : band.x0, xanchor: band.isLate ? "right" : "left", yref: "paper",
    y: 1, yanchor: "top", yshift: -18 * scale * (i + 1), // below the names of marks
    text: band.label, hovertext: band.text, showarrow: false, borderpad: 2,
    font: { size: 12 * scale, color: band.colour },
  };
}

// A mark whose label would touch the one before it keeps its line and gives up its label.
function placeMarks(marks, traces, room, scale) {
  const xs = traces.flatMap((trace) => (trace.n ? [trace.x[0], trace.x[trace.n - 1]] : []));
  const low = Math.min(...xs, ...marks.map((mark) => mark.x));
  const span = Math.max(...xs, ...marks.map((mark) => mark.x)) - low || 1;
  const nCharacters = room < 420 ? 12 : 28;
  let end = -Infinity;
  return marks.map((mark) => {
    const short =
      mark.text.length > nCharacters ? `${mark.text.slice(0, nCharacters - 1)}…` : mark.text;
    const at = ((mark.x - low) / span) * room;
    const long = short.length * 7.5 * scale + 8;
    const isLate = at + long > room;
    const start = isLate ? at - long : at;
    const isLabelled = start >= end;
    if (isLabelled) end = start + long;
    return { ...mark, short, isLabelled, isLate };
  });
}

function markShape(mark, colour) {
  return {
    type: "line", yref: "paper", y0: 0, y1: 1, x0: mark.x, x1: mark.x,
    line: { color: colour, width: 1.4, dash: "dashdot" }, opacity: 0.6,
  };
}

function markLabel(mark, colour, scale) {
  return {
    x: mark.x, yref: "paper", y: 1, yanchor: "top", xanchor: mark.isLate ? "right" : "left",
    text: mark.short, hovertext: mark.text, showarrow: false, borderpad: 2,
    font: { size: 12 * scale, color: colour },
  };
}

// ---- what the user does -----------------------------------------------------------------

function listen(chart, Plotly) {
  let timer = null;
  chart.plot.on("plotly_relayout", (change) => {
    let window_;
    if (change["xaxis.range[0]"] !== undefined) {
      window_ = [change["xaxis.range[0]"], change["xaxis.range[1]"]];
    } else if (change["xaxis.autorange"]) {
      window_ = null;
    } else {
      return;
    }
    clearTimeout(timer);
    timer = setTimeout(() => chart.setWindow(window_), DEBOUNCE_MS);
  });
  chart.plot.addEventListener("mousedown", () => {
    chart.isPressed = true;
    const release = () => {
      chart.isPressed = false;
      setTimeout(() => refresh(chart), 0); // after Plotly has taken the box over
    };
    window.addEventListener("mouseup", release, { once: true });
  }, true);
  chart.plot.addEventListener("mousemove", (event) => {
    const box = chart.plot.getBoundingClientRect();
    const inner = chart.plot._fullLayout?._size;
    if (!inner) return;
    const xpx = event.clientX - box.left - inner.l;
    const ypx = event.clientY - box.top - inner.t;
    const isInside = xpx >= 0 && xpx <= inner.w && ypx >= 0 && ypx <= inner.h;
    chart.pointer = isInside ? { xpx, ypx } : null;
  });
  chart.plot.addEventListener("mouseleave", () => {
    chart.pointer = null;
    Plotly.Fx.unhover(chart.plot);
  });
}

// ---- colours ----------------------------------------------------------------------------

function textColour(chart) {
  return getComputedStyle(chart.root).color;
}
