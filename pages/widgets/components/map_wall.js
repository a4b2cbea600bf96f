// Pans and zooms a wall of pictures; asks for those in sight that it lacks. See map_wall.py.

const TILE_PX = 58; // pictures are enlarged by the largest whole factor below this
const HEIGHT_PX = 540;
const NARROW_PX = 640;
const NARROW_HEIGHT_PX = 430;
const GUTTER_PX = 2;
const ASK_MS = 120; // at most one wish in this time, always the newest
const RETRY_MS = 12_000;
const CACHE_SIZE = 4_000; // pictures, of all walls on the page
const CLICK_PX = 5;
const WHEEL_STEP = 80;

const cache = new Map(); // "token|level|i|j" -> where its picture is; oldest first
let serial = Date.now();

export default function ({ data, parentElement, setStateValue, setTriggerValue }) {
  const wall = (parentElement.__mapWall ??= makeWall(parentElement));
  wall.ask = (wish) => setStateValue("wanted", wish);
  wall.pick = (place) => setTriggerValue("picked", place);
  receive(wall, decode(data));
  return () => {
    wall.isGone = true;
    clearTimeout(wall.askTimer);
    clearTimeout(wall.retryTimer);
    cancelAnimationFrame(wall.frame);
    wall.resizer.disconnect();
    wall.root.remove(); // the parent may be given to us again
    delete parentElement.__mapWall;
  };
}

// ---- elements -----------------------------------------------------------------------------

function makeWall(parent) {
  const wall = {
    root: element("div", "map-wall"),
    area: element("div", "area"),
    canvas: document.createElement("canvas"),
    marks: element("div", "marks"),
    pointed: element("div", "pointed"),
    zoomIn: element("button", "", "+"),
    zoomOut: element("button", "", "−"),
    home: element("button", "", "⌂"),
    where: element("span", "where"),
    state: element("span", "state"),
    header: null,
    level: 0,
    x: 0, // the middle, in cells of level 0
    y: 0,
    pointers: new Map(),
    wheel: 0,
    wish: null, // what has been asked for and not come yet
  };
  const buttons = element("div", "buttons");
  const titles = [[wall.zoomIn, "Zoom in"], [wall.zoomOut, "Zoom out"], [wall.home, "Back to the start"]];
  for (const [button, title] of titles) {
    button.title = title;
    button.setAttribute("aria-label", title);
  }
  buttons.append(wall.zoomIn, wall.zoomOut, wall.home);
  const foot = element("div", "foot");
  foot.append(wall.where, wall.state);
  wall.canvas.tabIndex = 0;
  wall.canvas.setAttribute("role", "application");
  wall.area.append(wall.canvas, wall.marks, wall.pointed, buttons);
  wall.root.append(wall.area, foot);
  parent.append(wall.root); // beside the style sheet, which Streamlit keeps in the same element
  listen(wall);
  return wall;
}

function listen(wall) {
  const { canvas } = wall;
  canvas.addEventListener("pointerdown", (event) => grab(wall, event));
  canvas.addEventListener("pointermove", (event) => drag(wall, event));
  canvas.addEventListener("pointerup", (event) => letGo(wall, event));
  canvas.addEventListener("pointercancel", (event) => wall.pointers.delete(event.pointerId));
  canvas.addEventListener("pointerleave", () => point(wall, null));
  canvas.addEventListener("wheel", (event) => turnWheel(wall, event), { passive: false });
  canvas.addEventListener("keydown", (event) => press(wall, event));
  canvas.addEventListener("focus", () => update(wall));
  canvas.addEventListener("blur", () => point(wall, null));
  wall.zoomIn.addEventListener("click", () => zoom(wall, 1));
  wall.zoomOut.addEventListener("click", () => zoom(wall, -1));
  wall.home.addEventListener("click", () => goHome(wall));
  wall.resizer = new ResizeObserver(() => {
    if (wall.header && wall.width !== wall.root.clientWidth) layOut(wall);
  });
  wall.resizer.observe(wall.root);
}

// ---- what Python sent -----------------------------------------------------------------------

function decode(bytes) {
  const { header, payload } = unframe(bytes);
  header.png = payload.slice();
  return header;
}

function receive(wall, header) {
  const isNew = wall.header?.token !== header.token;
  wall.header = header;
  if (isNew) {
    wall.wish = null;
    goHome(wall);
  }
  layOut(wall);
  const { answer } = header;
  if (!answer || wall.taken === `${header.token}|${answer.serial}`) return;
  wall.taken = `${header.token}|${answer.serial}`;
  createImageBitmap(new Blob([header.png], { type: "image/png" })).then(
    (bitmap) => keep(wall, header, bitmap),
    () => (wall.state.textContent = "The pictures cannot be read."),
  );
}

function keep(wall, { token, answer, size }, bitmap) {
  answer.cells.forEach(([i, j], at) => {
    const x = (at % answer.columns) * size;
    const y = Math.floor(at / answer.columns) * size;
    cache.set(keyOf(token, answer.level, i, j), { bitmap, x, y });
  });
  while (cache.size > CACHE_SIZE) cache.delete(cache.keys().next().value);
  if (wall.isGone) return;
  if (wall.wish?.serial === answer.serial) wall.wish = null;
  update(wall);
}

function keyOf(token, level, i, j) {
  return `${token}|${level}|${i}|${j}`;
}

// ---- where we look --------------------------------------------------------------------------

function goHome(wall) {
  const { centre, spacing } = wall.header;
  wall.level = 0;
  [wall.x, wall.y] = centre.map((each) => each / spacing);
  update(wall);
}

function zoom(wall, by, at = null) {
  const [low, high] = wall.header.levels;
  const level = Math.min(high, Math.max(low, wall.level + by));
  if (level === wall.level) return;
  const [dx, dy] = at ?? [0, 0]; // from the middle, in pixels: this place stays where it is
  const before = scaleOf(wall, wall.level);
  const after = scaleOf(wall, level);
  wall.x += dx / before - dx / after;
  wall.y -= dy / before - dy / after;
  wall.level = level;
  update(wall);
}

// Pixels for a cell of level 0.
function scaleOf(wall, level) {
  return wall.pitch * 2 ** level;
}

function pan(wall, dx, dy) {
  const scale = scaleOf(wall, wall.level);
  wall.x -= dx / scale;
  wall.y += dy / scale;
  update(wall);
}

function grab(wall, event) {
  wall.canvas.setPointerCapture(event.pointerId);
  wall.pointers.set(event.pointerId, { x: event.offsetX, y: event.offsetY });
  wall.moved = wall.pointers.size > 1 ? Infinity : 0;
  wall.spread = spreadOf(wall);
  wall.canvas.classList.add("is-dragged");
}

function drag(wall, event) {
  const last = wall.pointers.get(event.pointerId);
  if (!last) return point(wall, [event.offsetX, event.offsetY]);
  const [dx, dy] = [event.offsetX - last.x, event.offsetY - last.y];
  wall.moved += Math.abs(dx) + Math.abs(dy);
  wall.pointers.set(event.pointerId, { x: event.offsetX, y: event.offsetY });
  if (wall.pointers.size > 1) return pinch(wall);
  if (wall.moved > CLICK_PX) pan(wall, dx, dy);
  return undefined;
}

function letGo(wall, event) {
  if (!wall.pointers.delete(event.pointerId)) return;
  if (wall.pointers.size === 0) wall.canvas.classList.remove("is-dragged");
  if (wall.moved <= CLICK_PX) pickAt(wall, [event.offsetX, event.offsetY]);
}

function pinch(wall) {
  const spread = spreadOf(wall);
  const ratio = spread / (wall.spread || spread || 1);
  if (ratio > 0.67 && ratio < 1.5) return;
  const [a, b] = [...wall.pointers.values()];
  const middle = [(a.x + b.x) / 2 - wall.width / 2, (a.y + b.y) / 2 - wall.height / 2];
  wall.spread = spread;
  zoom(wall, ratio > 1 ? 1 : -1, middle);
}

function spreadOf(wall) {
  const [a, b] = [...wall.pointers.values()];
  return b ? Math.hypot(a.x - b.x, a.y - b.y) : 0;
}

function turnWheel(wall, event) {
  event.preventDefault();
  wall.wheel += event.deltaMode === 1 ? event.deltaY * 40 : event.deltaY;
  if (Math.abs(wall.wheel) < WHEEL_STEP) return;
  const by = wall.wheel < 0 ? 1 : -1;
  wall.wheel = 0;
  zoom(wall, by, [event.offsetX - wall.width / 2, event.offsetY - wall.height / 2]);
}

function press(wall, event) {
  const step = wall.pitch;
  const moves = { ArrowLeft: [step, 0], ArrowRight: [-step, 0], ArrowUp: [0, step], ArrowDown: [0, -step] };
  if (moves[event.key]) pan(wall, ...moves[event.key]);
  else if (event.key === "+" || event.key === "=") zoom(wall, 1);
  else if (event.key === "-") zoom(wall, -1);
  else if (event.key === "Enter") pickAt(wall, [wall.width / 2, wall.height / 2]);
  else return;
  event.preventDefault();
  point(wall, [wall.width / 2, wall.height / 2]);
}

function pickAt(wall, at) {
  const [i, j] = cellAt(wall, at);
  wall.pick({ token: wall.header.token, u: valueOf(wall, i), v: valueOf(wall, j), at: Date.now() });
}

function cellAt(wall, [px, py]) {
  const factor = 2 ** wall.level;
  return [
    Math.round(wall.x * factor + (px - wall.width / 2) / wall.pitch),
    Math.round(wall.y * factor - (py - wall.height / 2) / wall.pitch),
  ];
}

function valueOf(wall, index) {
  return (index * wall.header.spacing) / 2 ** wall.level;
}

// The upper left corner of a place, given in cells of this level.
function cornerOf(wall, i, j) {
  const factor = 2 ** wall.level;
  return [
    Math.round(wall.width / 2 + (i - wall.x * factor) * wall.pitch - wall.tile / 2),
    Math.round(wall.height / 2 - (j - wall.y * factor) * wall.pitch - wall.tile / 2),
  ];
}

// ---- asking ---------------------------------------------------------------------------------

function visibleCells(wall) {
  const factor = 2 ** wall.level;
  const [halfX, halfY] = [wall.width / 2 / wall.pitch + 0.5, wall.height / 2 / wall.pitch + 0.5];
  const cells = [];
  for (let j = Math.ceil(wall.y * factor - halfY); j <= wall.y * factor + halfY; j++) {
    for (let i = Math.ceil(wall.x * factor - halfX); i <= wall.x * factor + halfX; i++) {
      cells.push([i, j]);
    }
  }
  return cells;
}

function plan(wall, cells) {
  const { token, max_asked: most } = wall.header;
  const { level } = wall;
  const factor = 2 ** level;
  const missing = cells.filter(([i, j]) => !cache.has(keyOf(token, level, i, j)));
  wall.nMissing = missing.length;
  clearTimeout(wall.askTimer);
  if (!missing.length) return;
  const distance = ([i, j]) => Math.hypot(i - wall.x * factor, j - wall.y * factor);
  missing.sort((a, b) => distance(a) - distance(b));
  const next = missing.slice(0, most);
  const asked = new Set(wall.wish?.level === level ? wall.wish.cells.map(String) : []);
  const onTheirWay = next.filter((cell) => asked.has(String(cell)));
  if (onTheirWay.length > next.length / 2) return; // what comes will do; then the rest is asked for
  wall.askTimer = setTimeout(() => {
    wall.wish = { token, serial: ++serial, level, cells: next };
    wall.ask(wall.wish);
    clearTimeout(wall.retryTimer);
    wall.retryTimer = setTimeout(() => {
      if (wall.wish === null || wall.isGone) return;
      wall.wish = null;
      update(wall);
    }, RETRY_MS);
  }, ASK_MS);
}

// ---- drawing --------------------------------------------------------------------------------

// The height follows from the width alone, never from a picture's arrival.
function layOut(wall) {
  const { root, header, canvas } = wall;
  wall.width = root.clientWidth;
  wall.height = wall.width < NARROW_PX ? NARROW_HEIGHT_PX : HEIGHT_PX;
  wall.tile = header.size * Math.max(1, Math.floor(TILE_PX / header.size));
  wall.pitch = wall.tile + GUTTER_PX;
  if (canvas.width !== wall.width || canvas.height !== wall.height) {
    canvas.width = wall.width;
    canvas.height = wall.height;
  }
  canvas.setAttribute("aria-label", header.alt);
  update(wall);
}

function update(wall) {
  if (!wall.pitch) return;
  cancelAnimationFrame(wall.frame);
  wall.frame = requestAnimationFrame(() => {
    const cells = visibleCells(wall);
    paint(wall, cells);
    plan(wall, cells);
    describe(wall, cells.length);
  });
}

function paint(wall, cells) {
  const { canvas, header, level, tile } = wall;
  const context = canvas.getContext("2d");
  context.imageSmoothingEnabled = false;
  context.clearRect(0, 0, canvas.width, canvas.height);
  for (const [i, j] of cells) {
    const [left, top] = cornerOf(wall, i, j);
    const found = cache.get(keyOf(header.token, level, i, j));
    const stand = found ?? standIn(wall, i, j);
    context.globalAlpha = found ? 1 : 0.3;
    if (stand) {
      const { bitmap, x, y } = stand;
      context.drawImage(bitmap, x, y, header.size, header.size, left, top, tile, tile);
    } else {
      context.fillStyle = "#8888";
      context.fillRect(left + tile / 2 - 2, top + tile / 2 - 2, 4, 4);
    }
  }
  context.globalAlpha = 1;
  canvas.dataset.level = String(level);
  paintMarks(wall);
}

// Until a picture comes, the nearest one of a coarser level stands in, paler.
function standIn(wall, i, j) {
  const { token, levels } = wall.header;
  for (let level = wall.level - 1; level >= levels[0] && level >= wall.level - 3; level--) {
    const factor = 2 ** (wall.level - level);
    const found = cache.get(keyOf(token, level, Math.round(i / factor), Math.round(j / factor)));
    if (found) return found;
  }
  return null;
}

function paintMarks(wall) {
  const { header, marks, tile, width, height } = wall;
  const cells = 2 ** wall.level / header.spacing;
  marks.replaceChildren(
    ...header.marks.map(({ name, u, v }) => {
      const mark = element("div", "mark");
      const [left, top] = cornerOf(wall, u * cells, v * cells);
      mark.style.width = mark.style.height = `${tile + 6}px`;
      mark.style.transform = `translate(${left - 3}px, ${top - 3}px)`;
      const isNear = left > -tile && left < width && top > -tile && top < height;
      mark.style.display = isNear ? "" : "none";
      mark.append(element("span", "", name));
      return mark;
    }),
  );
}

function point(wall, at) {
  wall.pointed.style.visibility = at ? "visible" : "hidden";
  if (!at || !wall.header) return void (wall.where.textContent = hint());
  const [i, j] = cellAt(wall, at);
  const [left, top] = cornerOf(wall, i, j);
  wall.pointed.style.width = wall.pointed.style.height = `${wall.tile + 4}px`;
  wall.pointed.style.transform = `translate(${left - 2}px, ${top - 2}px)`;
  const [u, v] = wall.header.names;
  wall.where.textContent = `${u} ${tidy(valueOf(wall, i))} · ${v} ${tidy(valueOf(wall, j))}`;
  return undefined;
}

function hint() {
  return "Drag to move, turn the wheel or pinch to zoom, click to pick.";
}

function describe(wall, n) {
  const [low, high] = wall.header.levels;
  wall.zoomIn.disabled = wall.level >= high;
  wall.zoomOut.disabled = wall.level <= low;
  wall.canvas.dataset.missing = String(wall.nMissing);
  const ready = wall.nMissing ? `${n - wall.nMissing} of ${n} pictures` : `${n} pictures`;
  wall.state.textContent = `${ready}, ${tidy(valueOf(wall, 1))} apart`;
  if (!wall.where.textContent) wall.where.textContent = hint();
}

function tidy(value) {
  return String(Number(value.toPrecision(3)));
}
