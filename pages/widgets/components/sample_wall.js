// Cuts a PNG sheet into tiles, enlarges them by a whole factor, plays through time.
// See sample_wall.py.

const CACHE_SIZE = 200; // sheets, of all walls on the page
const ASK_MS = 120; // at most one request in this time, always for the newest choice
const PLAY_MS = 250;
const GUTTER_PX = 2;
const NARROW_PX = 420;

const cache = new Map(); // "series|step" -> what was received; oldest first

export default function ({ data, parentElement, setStateValue, setTriggerValue }) {
  const wall = (parentElement.__sampleWall ??= makeWall(parentElement));
  wall.pick = (tile) => setTriggerValue("pick", { tile, step: wall.shown?.step ?? 0 });
  wall.ask = (step) => setStateValue("step", step);
  receive(wall, decode(data));
  return () => {
    wall.isGone = true;
    stopPlaying(wall);
    clearTimeout(wall.askTimer);
    wall.resizer.disconnect();
    wall.root.remove(); // the parent may be given to us again
    delete parentElement.__sampleWall;
  };
}

// ---- elements -----------------------------------------------------------------------------

function makeWall(parent) {
  const wall = {
    root: element("div", "sample-wall"),
    caption: element("span", "caption"),
    download: element("a", "download", "Save PNG"),
    area: element("div", "area"),
    canvas: document.createElement("canvas"),
    overlay: element("div", "overlay"),
    tiles: element("div", "tiles"),
    trouble: element("div", "trouble", "This picture cannot be read."),
    legend: element("div", "legend"),
    player: element("div", "player"),
    play: element("button", "play", "▶ Play"),
    slider: document.createElement("input"),
    follow: element("button", "follow", "Follow newest"),
    header: null,
    shown: null, // the sheet on the canvas
    isLoading: false, // the chosen sheet is still on its way
    wanted: undefined, // step chosen by the user; null follows the newest; undefined: not yet known
  };
  wall.slider.type = "range";
  wall.slider.min = wall.slider.step = "1";
  wall.slider.setAttribute("aria-label", "Training step");
  wall.canvas.setAttribute("role", "img");
  const head = element("div", "head");
  head.append(wall.caption, wall.download);
  wall.area.append(wall.canvas, wall.overlay, wall.tiles, wall.trouble);
  wall.tiles.addEventListener("keydown", (event) => moveFocus(wall, event));
  wall.player.append(wall.play, wall.slider, wall.follow);
  wall.root.append(head, wall.area, wall.legend, wall.player);
  parent.append(wall.root); // beside the style sheet, which Streamlit keeps in the same element
  wall.slider.addEventListener("input", () => {
    const step = wall.header.steps[Number(wall.slider.value) - 1]; // before it is redrawn
    stopPlaying(wall);
    choose(wall, step);
  });
  wall.play.addEventListener("click", () => (wall.playTimer ? stopPlaying(wall) : startPlaying(wall)));
  wall.follow.addEventListener("click", () => {
    stopPlaying(wall);
    choose(wall, null);
  });
  wall.resizer = new ResizeObserver(() => {
    if (wall.header && wall.width !== wall.root.clientWidth) layOut(wall);
  });
  wall.resizer.observe(wall.root);
  return wall;
}

// ---- what Python sent -----------------------------------------------------------------------

function decode(bytes) {
  const { header, payload } = unframe(bytes);
  header.png = payload.slice();
  return header;
}

function receive(wall, header) {
  wall.header = header;
  if (wall.wanted === undefined) wall.wanted = header.chosen;
  layOut(wall);
  const sheet = remember(header);
  sheet.ready.then(() => {
    // An answer to a question that a newer one has replaced is kept, but not shown.
    if (wall.isGone || wall.header !== header || header.chosen !== wall.wanted) return;
    wall.isLoading = false;
    show(wall, sheet);
  });
  drawPlayer(wall);
}

function cacheKey(header, step) {
  return `${header.series}|${step}`;
}

function remember(header) {
  const key = cacheKey(header, header.sheet.step);
  let sheet = cache.get(key);
  if (!sheet || sheet.size !== header.png.length) {
    sheet = { key, ...header.sheet, size: header.png.length, bitmap: null };
    sheet.blob = new Blob([header.png], { type: "image/png" });
    sheet.ready = createImageBitmap(sheet.blob).then(
      (bitmap) => (sheet.bitmap = bitmap),
      () => (sheet.isBroken = true),
    );
  }
  Object.assign(sheet, header.sheet);
  cache.delete(key);
  cache.set(key, sheet);
  if (cache.size > CACHE_SIZE) cache.delete(cache.keys().next().value);
  return sheet;
}

// ---- choosing a step ------------------------------------------------------------------------

function choose(wall, step) {
  wall.wanted = step;
  const { header } = wall;
  const wanted = step ?? header.steps.at(-1);
  const sheet = cache.get(cacheKey(header, wanted));
  wall.isLoading = !sheet?.bitmap;
  if (sheet?.bitmap) show(wall, sheet);
  else drawPlayer(wall);
  wall.askTimer ??= setTimeout(() => {
    wall.askTimer = null;
    wall.ask(wall.wanted);
  }, ASK_MS);
}

function startPlaying(wall) {
  const { steps } = wall.header;
  const isAtEnd = wall.wanted === null || wall.wanted === steps.at(-1);
  choose(wall, isAtEnd ? steps[0] : wall.wanted);
  wall.playTimer = setInterval(() => {
    if (wall.isLoading) return; // its picture is still on the way
    const next = wall.header.steps.find((each) => each > wall.wanted);
    if (next === undefined) stopPlaying(wall);
    else choose(wall, next);
  }, PLAY_MS);
  drawPlayer(wall);
}

function stopPlaying(wall) {
  clearInterval(wall.playTimer);
  wall.playTimer = null;
  if (wall.header) drawPlayer(wall);
}

function drawPlayer(wall) {
  const { steps } = wall.header;
  if (wall.shown) wall.caption.textContent = wall.shown.title;
  if (steps === null) return;
  const step = wall.wanted ?? wall.shown?.step ?? steps.at(-1);
  const at = steps.findLastIndex((each) => each <= step);
  wall.slider.max = String(Math.max(1, steps.length));
  wall.slider.value = String(Math.max(0, at) + 1);
  wall.slider.disabled = wall.play.disabled = steps.length < 2;
  wall.slider.setAttribute("aria-valuetext", steps.length ? `step ${format(step)}` : "no step yet");
  const playText = wall.playTimer ? "⏸ Pause" : "▶ Play";
  if (wall.play.textContent !== playText) wall.play.textContent = playText;
  wall.follow.style.visibility = wall.wanted === null ? "hidden" : "visible";
  wall.area.classList.toggle("is-loading", wall.isLoading);
  if (wall.isLoading) wall.caption.textContent = `loading step ${format(step)} …`;
}

// ---- drawing --------------------------------------------------------------------------------

// The height follows from the geometry and the width alone, never from a picture's arrival.
function layOut(wall) {
  const { root, header, canvas, area } = wall;
  wall.width = root.clientWidth;
  root.classList.toggle("is-narrow", wall.width < NARROW_PX);
  root.classList.toggle("is-strip", wall.width < 240);
  root.classList.toggle("large", header.large);
  wall.player.style.display = header.steps === null ? "none" : "";
  wall.legend.style.display = header.legend ? "" : "none";
  const fit = fitTiles(header.geometry, wall.width, header);
  wall.fit = fit;
  if (canvas.width !== fit.width || canvas.height !== fit.height) {
    canvas.width = fit.width;
    canvas.height = fit.height;
  }
  canvas.style.width = area.style.width = `${fit.width}px`;
  canvas.style.height = area.style.height = `${fit.height}px`;
  canvas.dataset.scale = String(fit.scale);
  canvas.dataset.columns = String(fit.columns);
  drawLegend(wall);
  if (wall.shown) show(wall, wall.shown);
  else wall.download.style.visibility = "hidden";
}

// The largest whole factor that fits; where not even 2 does, tiles wrap into fewer columns.
function fitTiles({ width, height, n, columns }, available, look) {
  const { max_scale: maxScale, max_rows: maxRows } = look;
  const room = Math.max(1, available);
  const scaleFor = (c) => Math.floor((room - (c - 1) * GUTTER_PX) / (c * width));
  const columnsFor = (scale) => Math.floor((room + GUTTER_PX) / (scale * width + GUTTER_PX));
  let scale = Math.min(maxScale, scaleFor(columns));
  if (scale < 2 && maxScale >= 2 && columnsFor(2) >= 2) {
    scale = 2;
    columns = Math.min(columns, columnsFor(2));
  } else if (scale < 1) {
    scale = 1;
    columns = Math.max(1, Math.min(columns, columnsFor(1)));
  }
  const rows = Math.min(maxRows ?? Infinity, Math.ceil(n / columns));
  return {
    scale, columns, n: Math.min(n, rows * columns),
    stepX: width * scale + GUTTER_PX,
    stepY: height * scale + GUTTER_PX,
    width: columns * (width * scale + GUTTER_PX) - GUTTER_PX,
    height: rows * (height * scale + GUTTER_PX) - GUTTER_PX,
  };
}

function show(wall, sheet) {
  wall.shown = sheet;
  const { header, fit, canvas, overlay } = wall;
  const { width, height, columns } = header.geometry;
  const { n } = fit;
  wall.trouble.style.display = sheet.bitmap ? "none" : "flex";
  canvas.setAttribute("aria-label", sheet.alt);
  canvas.dataset.step = String(sheet.step);
  drawDownload(wall, sheet);
  const context = canvas.getContext("2d");
  context.imageSmoothingEnabled = false;
  context.clearRect(0, 0, canvas.width, canvas.height);
  for (let i = 0; sheet.bitmap && i < n; i++) {
    const x = (i % columns) * width;
    const y = Math.floor(i / columns) * height;
    const { left, top } = place(fit, i);
    context.drawImage(
      sheet.bitmap, x, y, width, height, left, top, width * fit.scale, height * fit.scale,
    );
  }
  const levels = sheet.bitmap ? sheet.levels.slice(0, n) : [];
  overlay.replaceChildren(...levels.map((level, i) => makeBadge(wall, sheet, level, i)));
  drawTiles(wall, sheet.bitmap ? n : 0);
  drawPlayer(wall);
}

function place(fit, i) {
  return { left: (i % fit.columns) * fit.stepX, top: Math.floor(i / fit.columns) * fit.stepY };
}

function drawDownload(wall, sheet) {
  wall.download.style.visibility = sheet.bitmap ? "visible" : "hidden";
  if (wall.download.dataset.key === sheet.key) return;
  if (wall.download.href) URL.revokeObjectURL(wall.download.href);
  wall.download.href = URL.createObjectURL(sheet.blob);
  wall.download.download = sheet.file_name;
  wall.download.dataset.key = sheet.key;
}

// ---- clicking -------------------------------------------------------------------------------

// One button a tile; the Tab key stops at one of them, the arrow keys go from tile to tile.
function drawTiles(wall, n) {
  const { header, tiles, fit } = wall;
  const { picking } = header;
  tiles.style.display = picking ? "" : "none";
  if (!picking) return;
  while (tiles.children.length > n) tiles.lastChild.remove();
  while (tiles.children.length < n) tiles.append(makeTile(wall, tiles.children.length));
  const stop = [...tiles.children].findIndex((tile) => tile.tabIndex === 0);
  [...tiles.children].forEach((tile, i) => {
    const { left, top } = place(fit, i);
    tile.style.left = `${left}px`;
    tile.style.top = `${top}px`;
    tile.style.width = `${header.geometry.width * fit.scale}px`;
    tile.style.height = `${header.geometry.height * fit.scale}px`;
    const mark = picking.marks[i] ?? "";
    tile.tabIndex = i === Math.max(0, stop) ? 0 : -1;
    tile.title = `${picking.label} ${mark || i + 1}`;
    tile.setAttribute("aria-label", `${picking.label} ${i + 1} of ${n}`);
    tile.setAttribute("aria-pressed", String(mark !== ""));
    tile.classList.toggle("is-current", i === picking.current);
    tile.firstChild.textContent = mark;
  });
}

function makeTile(wall, i) {
  const tile = element("button", "pick");
  tile.type = "button";
  tile.append(element("span", ""));
  tile.addEventListener("click", () => {
    focusTile(wall, i);
    wall.pick(i);
  });
  return tile;
}

function moveFocus(wall, event) {
  const { columns } = wall.fit;
  const last = wall.tiles.children.length - 1;
  const at = [...wall.tiles.children].indexOf(event.target);
  const to = {
    ArrowLeft: at - 1, ArrowRight: at + 1, ArrowUp: at - columns, ArrowDown: at + columns,
    Home: 0, End: last,
  }[event.key];
  if (at < 0 || to === undefined) return;
  event.preventDefault();
  if (to >= 0 && to <= last) focusTile(wall, to);
}

function focusTile(wall, i) {
  [...wall.tiles.children].forEach((tile, k) => (tile.tabIndex = k === i ? 0 : -1));
  wall.tiles.children[i].focus();
}

// ---- badges ---------------------------------------------------------------------------------

function makeBadge(wall, sheet, level, i) {
  const { fit, header } = wall;
  const { left, top } = place(fit, i);
  const badge = element("div", "tile");
  const colour = levelColour(wall, level);
  badge.style.left = `${left}px`;
  badge.style.top = `${top}px`;
  badge.style.width = `${header.geometry.width * fit.scale}px`;
  badge.style.height = `${header.geometry.height * fit.scale}px`;
  badge.style.borderColor = colour;
  badge.style.borderWidth = `${1 + Math.round(4 * level)}px`;
  badge.classList.toggle("is-small", header.geometry.width * fit.scale < 44);
  badge.append(element("span", "", sheet.badges[i] ?? ""));
  badge.firstChild.style.color = colour;
  return badge;
}

function levelColour(wall, level) {
  const { caught, even, fooled } = coloursOf(wall);
  const share = Math.min(1, Math.max(0, level));
  const [from, to] = share < 0.5 ? [caught, even] : [even, fooled];
  const percent = Math.round((share < 0.5 ? share : share - 0.5) * 200);
  return `color-mix(in srgb, ${to} ${percent}%, ${from})`;
}

function coloursOf(wall) {
  const theme = isDark(wall.root) ? "dark" : "light";
  const { colours } = wall.header;
  return Object.fromEntries(Object.entries(colours).map(([name, pair]) => [name, pair[theme]]));
}

function drawLegend(wall) {
  if (!wall.header.legend) return;
  const { caught, even, fooled } = coloursOf(wall);
  const ramp = element("span", "ramp");
  ramp.style.background = `linear-gradient(90deg, ${caught}, ${even}, ${fooled})`;
  const left = element("span", "", "caught by D");
  const right = element("span", "", "fooled D");
  left.style.color = caught;
  right.style.color = fooled;
  const scale = element("div", "scale");
  scale.append(left, ramp, right);
  wall.legend.replaceChildren(scale, element("div", "", wall.header.legend));
}
