// Plays the frames of one PNG sheet, without asking the server. See morph_player.py.

const PICTURE_PX = 352; // frames are enlarged by the largest whole factor below this
const NARROW_PX = 640;
const CHART_PX = 74;
const STRIP_PX = 56;
const SPEEDS = [10, 20, 30, 60];
const START_SPEED = 30;
const MODES = { pingpong: "there and back", loop: "round and round", once: "once" };

export default function ({ data, parentElement, setTriggerValue }) {
  const player = (parentElement.__morphPlayer ??= makePlayer(parentElement));
  player.pick = (frame) => setTriggerValue("picked", frame);
  receive(player, decode(data));
  return () => {
    player.isGone = true;
    cancelAnimationFrame(player.timer);
    player.resizer.disconnect();
    player.root.remove(); // the parent may be given to us again
    delete parentElement.__morphPlayer;
  };
}

// ---- elements -----------------------------------------------------------------------------

function makePlayer(parent) {
  const player = {
    root: element("div", "morph-player"),
    canvas: document.createElement("canvas"),
    caption: element("div", "caption"),
    track: element("div", "track"),
    names: element("div", "names"),
    strip: element("canvas", "strip"),
    charts: element("div", "charts"),
    cursor: element("div", "cursor"),
    play: element("button", "play", "▶ Play"),
    slider: document.createElement("input"),
    mode: document.createElement("select"),
    speed: document.createElement("select"),
    pickButton: element("button", "pick", "Pick this frame"),
    header: null,
    bitmap: null,
    at: 0, // place on the way, in frames, with a fraction while it plays
    shown: -1,
    direction: 1,
    isPlaying: false,
    values: [], // where each chart writes its value
  };
  const picture = element("div", "picture");
  picture.append(player.canvas, player.caption);
  player.track.append(player.names, player.strip, player.charts, player.cursor);
  const controls = element("div", "controls");
  controls.append(player.play, player.slider, chooser("Runs", player.mode),
    chooser("Frames a second", player.speed), player.pickButton);
  player.root.append(picture, player.track, controls);
  parent.append(player.root); // beside the style sheet, which Streamlit keeps in the same element
  player.canvas.setAttribute("role", "img");
  fillChoices(player);
  listen(player);
  return player;
}

function chooser(title, select) {
  const label = element("label", "", title);
  label.append(select);
  return label;
}

function fillChoices({ mode, speed, slider }) {
  mode.append(...Object.entries(MODES).map(([value, text]) => new Option(text, value)));
  speed.append(...SPEEDS.map((each) => new Option(String(each), String(each))));
  speed.value = String(START_SPEED);
  slider.type = "range";
  slider.min = "0";
  slider.step = "1";
  slider.setAttribute("aria-label", "Frame");
}

function listen(player) {
  const { canvas, track, slider, play } = player;
  slider.addEventListener("input", () => scrub(player, Number(slider.value)));
  play.addEventListener("click", () => (player.isPlaying ? stop(player) : start(player)));
  player.pickButton.addEventListener("click", () => {
    stop(player);
    player.pick(player.shown);
  });
  const drag = (node) => {
    node.addEventListener("pointerdown", (event) => {
      node.setPointerCapture(event.pointerId);
      scrubTo(player, event, node);
    });
    node.addEventListener("pointermove", (event) => {
      if (event.buttons & 1) scrubTo(player, event, node);
    });
  };
  drag(track);
  drag(canvas);
  player.resizer = new ResizeObserver(() => {
    if (player.header && player.width !== player.root.clientWidth) layOut(player);
  });
  player.resizer.observe(player.root);
}

// ---- what Python sent -----------------------------------------------------------------------

function decode(bytes) {
  const { header, payload } = unframe(bytes);
  header.png = payload.slice();
  return header;
}

function receive(player, header) {
  const isNew = player.header?.token !== header.token;
  player.header = header;
  if (isNew) {
    stop(player);
    player.bitmap = null;
    player.at = 0;
    player.direction = 1;
    player.mode.value = header.is_loop ? "loop" : "pingpong";
    player.slider.max = String(header.n - 1);
    createImageBitmap(new Blob([header.png], { type: "image/png" })).then((bitmap) => {
      if (player.isGone || player.header.token !== header.token) return;
      player.bitmap = bitmap;
      layOut(player);
    });
  }
  layOut(player);
}

// ---- moving ---------------------------------------------------------------------------------

function start(player) {
  const isAtEnd = player.at >= player.header.n - 1;
  if (isAtEnd && player.mode.value === "once") player.at = 0;
  player.isPlaying = true;
  player.play.textContent = "⏸ Pause";
  player.before = null;
  player.timer = requestAnimationFrame((now) => advance(player, now));
}

function stop(player) {
  cancelAnimationFrame(player.timer);
  player.isPlaying = false;
  player.play.textContent = "▶ Play";
}

function advance(player, now) {
  const passed = player.before === null ? 0 : Math.min(0.25, (now - player.before) / 1000);
  player.before = now;
  move(player, passed * Number(player.speed.value));
  show(player);
  if (player.isPlaying) player.timer = requestAnimationFrame((later) => advance(player, later));
}

function move(player, frames) {
  const last = player.header.n - 1;
  const mode = player.mode.value;
  if (last < 1) return stop(player);
  if (mode === "loop") {
    player.at = (player.at + frames) % player.header.n;
  } else if (mode === "once") {
    player.at = Math.min(last, player.at + frames);
    if (player.at >= last) stop(player);
  } else {
    player.at += player.direction * frames;
    if (player.at >= last) [player.at, player.direction] = [2 * last - player.at, -1];
    if (player.at <= 0) [player.at, player.direction] = [-player.at, 1];
    player.at = Math.min(last, Math.max(0, player.at));
  }
  return undefined;
}

function scrub(player, frame) {
  stop(player);
  player.at = Math.min(player.header.n - 1, Math.max(0, frame));
  cancelAnimationFrame(player.timer); // only the newest place is drawn
  player.timer = requestAnimationFrame(() => show(player));
}

function scrubTo(player, event, node) {
  const { left, width } = node.getBoundingClientRect();
  scrub(player, Math.round(((event.clientX - left) / width) * (player.header.n - 1)));
}

// ---- drawing --------------------------------------------------------------------------------

function show(player) {
  const { header, bitmap, canvas } = player;
  const frame = Math.min(header.n - 1, Math.floor(player.at + 1e-6));
  player.shown = frame;
  player.cursor.style.transform = `translateX(${xOf(player, frame)}px)`;
  player.slider.value = String(frame);
  player.slider.setAttribute("aria-valuetext", `frame ${frame + 1} of ${header.n}`);
  player.caption.textContent = `Frame ${frame + 1} of ${header.n}${nameOf(header, frame)}`;
  header.charts.forEach((chart, i) => {
    const value = chart.values[frame];
    player.values[i].textContent = value === null ? "–" : `${value.toPrecision(3)}${chart.unit}`;
  });
  if (!bitmap) return;
  const context = canvas.getContext("2d");
  context.imageSmoothingEnabled = false;
  const { x, y } = placeOf(header, frame);
  context.drawImage(bitmap, x, y, header.width, header.height, 0, 0, canvas.width, canvas.height);
  canvas.dataset.frame = String(frame);
}

function placeOf(header, frame) {
  return {
    x: (frame % header.columns) * header.width,
    y: Math.floor(frame / header.columns) * header.height,
  };
}

function nameOf(header, frame) {
  const at = header.keys.indexOf(frame);
  return at < 0 ? "" : `: ${header.names[at]}`;
}

function xOf(player, frame) {
  return player.header.n < 2 ? 0 : (frame / (player.header.n - 1)) * player.trackWidth;
}

// The height follows from the geometry and the width alone, never from a picture's arrival.
function layOut(player) {
  const { root, header, canvas, track } = player;
  player.width = root.clientWidth;
  root.classList.toggle("is-narrow", player.width < NARROW_PX);
  const room = Math.min(PICTURE_PX, player.width);
  const factor = Math.max(1, Math.floor(room / Math.max(header.width, header.height)));
  canvas.width = header.width * factor;
  canvas.height = header.height * factor;
  canvas.setAttribute("aria-label", header.alt);
  player.trackWidth = track.clientWidth;
  drawNames(player);
  drawStrip(player);
  drawCharts(player);
  show(player);
}

function drawNames(player) {
  const { header, names } = player;
  names.replaceChildren(
    ...header.keys.map((frame, i) => {
      const name = element("span", "", header.names[i]);
      name.style.left = `${xOf(player, frame)}px`;
      name.classList.toggle("is-first", frame === 0);
      name.classList.toggle("is-last", frame === header.n - 1 && frame > 0);
      return name;
    }),
  );
}

function drawStrip(player) {
  const { header, strip, bitmap, trackWidth } = player;
  const factor = Math.max(1, Math.floor(STRIP_PX / header.height));
  const [width, height] = [header.width * factor, header.height * factor];
  const n = Math.max(1, Math.min(header.n, Math.floor(trackWidth / width)));
  strip.width = trackWidth;
  strip.height = height;
  strip.style.height = `${height}px`;
  if (!bitmap) return;
  const context = strip.getContext("2d");
  context.imageSmoothingEnabled = false;
  for (let i = 0; i < n; i++) {
    const share = n < 2 ? 0 : i / (n - 1);
    const { x, y } = placeOf(header, Math.round(share * (header.n - 1)));
    const left = Math.round(share * (trackWidth - width));
    context.drawImage(bitmap, x, y, header.width, header.height, left, 0, width, height);
  }
}

function drawCharts(player) {
  const theme = isDark(player.root) ? "dark" : "light";
  player.values = player.header.charts.map(() => element("span", "value"));
  player.charts.replaceChildren(
    ...player.header.charts.map((chart, i) => makeChart(player, chart, i, chart[theme])),
  );
}

function makeChart(player, chart, i, colour) {
  const box = element("div", "chart");
  const head = element("div", "head");
  const title = element("span", "", chart.title);
  title.style.color = player.values[i].style.color = colour;
  head.append(title, player.values[i]);
  const known = chart.values.filter((value) => value !== null);
  const [low, high] = chart.bounds ?? [Math.min(...known), Math.max(...known)];
  const bounds = element("div", "bounds");
  const words = known.length ? `${tidy(low)} to ${tidy(high)}${chart.unit}` : "no number";
  bounds.append(element("span", "", words), element("span", "", "along the way →"));
  box.append(head, makeCurve(player, chart.values, low, high, colour), bounds);
  return box;
}

function makeCurve(player, values, low, high, colour) {
  const space = "http://www.w3.org/2000/svg";
  const svg = document.createElementNS(space, "svg");
  svg.setAttribute("viewBox", `0 0 ${Math.max(1, player.trackWidth)} ${CHART_PX}`);
  svg.setAttribute("aria-hidden", "true");
  const span = high - low || 1;
  let isOpen = false;
  const path = values.map((value, frame) => {
    if (value === null) return ((isOpen = false), "");
    const y = CHART_PX - 4 - ((value - low) / span) * (CHART_PX - 8);
    const word = `${isOpen ? "L" : "M"}${xOf(player, frame).toFixed(1)} ${y.toFixed(1)}`;
    isOpen = true;
    return word;
  });
  const parts = [
    ["path", { d: `M0 ${CHART_PX - 1}H${player.trackWidth}`, stroke: colour, opacity: "0.35" }],
    ...player.header.keys.map((frame) => [
      "path",
      { d: `M${xOf(player, frame)} 0V${CHART_PX}`, stroke: colour, opacity: "0.35" },
    ]),
    ["path", { d: path.join(""), stroke: colour, "stroke-width": "2", "stroke-linejoin": "round" }],
  ];
  for (const [tag, attributes] of parts) {
    const node = document.createElementNS(space, tag);
    for (const [name, value] of Object.entries({ fill: "none", ...attributes })) {
      node.setAttribute(name, value);
    }
    svg.append(node);
  }
  return svg;
}

function tidy(value) {
  return String(Number(value.toPrecision(3)));
}
