// Several walls of pictures below one step slider. See linked_walls.py.

const CACHE_BYTES = 192e6; // of unpacked sheets, of all walls on the page
const ASK_MS = 100; // at most one question in this time, always for the newest choice
const ASK_AGAIN_MS = 3000; // an answer that never came
const MAX_ASKED = 72; // sheets in one question
const N_AHEAD = 12; // positions that are asked for beforehand while it plays
const PLAY_MS = 250;
const GUTTER_PX = 2;
const GAP_PX = 16;
const WALL_PX = 320; // the least width of a wall where there is room for two
const NARROW_PX = 520;
const N_COLUMNS = 5; // the least number of tiles side by side

const cache = new Map(); // "series|step" -> { blob, bitmap, isBroken, bytes }; oldest first
let cachedBytes = 0;

export default function ({ data, parentElement, setStateValue }) {
  const board = (parentElement.__linkedWalls ??= makeBoard(parentElement));
  board.send = (ask) => setStateValue("ask", ask);
  receive(board, decode(data));
  return () => {
    board.isGone = true;
    stopPlaying(board);
    clearTimeout(board.askTimer);
    board.resizer.disconnect();
    board.root.remove(); // the parent may be given to us again
    delete parentElement.__linkedWalls;
  };
}

// ---- elements -----------------------------------------------------------------------------

function makeBoard(parent) {
  const board = {
    root: element("div", "linked-walls"),
    player: element("div", "player"),
    play: element("button", "play", "▶ Play"),
    slider: document.createElement("input"),
    at: element("span", "at"),
    follow: element("button", "follow", "Follow newest"),
    save: element("button", "save", "Save PNG"),
    walls: element("div", "walls"),
    foot: element("div", "foot"),
    cells: new Map(), // a wall's key -> its elements
    header: null,
    chosen: null, // the step chosen by the user; null follows the newest
    shown: null, // the step that all walls show
    pending: null, // the question that is not answered yet
  };
  const { slider, play, follow, save } = board;
  slider.type = "range";
  slider.min = slider.step = "1";
  slider.setAttribute("aria-label", "Training step of all walls");
  board.player.append(play, slider, board.at, follow, save);
  board.root.append(board.player, board.walls, board.foot);
  parent.append(board.root); // beside the style sheet, which Streamlit keeps in the same element
  slider.addEventListener("input", () => {
    const step = board.header.steps[Number(slider.value) - 1];
    stopPlaying(board);
    choose(board, step);
  });
  play.addEventListener("click", () =>
    board.playTimer ? stopPlaying(board) : startPlaying(board),
  );
  follow.addEventListener("click", () => {
    stopPlaying(board);
    choose(board, null);
  });
  save.addEventListener("click", () => saveAll(board));
  board.resizer = new ResizeObserver(() => {
    if (board.header && board.width !== board.root.clientWidth) layOut(board);
  });
  board.resizer.observe(board.root);
  return board;
}

function makeCell(wall) {
  const cell = {
    root: element("div", "wall"),
    swatch: element("span", "swatch"),
    label: element("span", "label"),
    which: element("span", "which"),
    area: element("div", "area"),
    canvas: document.createElement("canvas"),
    trouble: element("div", "trouble"),
    note: element("div", "note"),
  };
  const name = element("div", "name");
  name.append(cell.swatch, cell.label, cell.which);
  cell.area.append(cell.canvas, cell.trouble);
  cell.root.append(name, cell.area, cell.note);
  cell.root.dataset.wall = wall.key;
  cell.canvas.setAttribute("role", "img");
  return cell;
}

// ---- what Python sent -----------------------------------------------------------------------

function decode(bytes) {
  const { header, payload } = unframe(bytes);
  let offset = 0;
  for (const sheet of header.sheets) {
    sheet.png = payload.slice(offset, offset + sheet.size);
    offset += sheet.size;
  }
  return header;
}

function receive(board, header) {
  board.header = header;
  const walls = new Map(header.walls.map((wall) => [wall.key, wall]));
  const arrived = header.sheets.map(({ wall, step, png }) =>
    remember(`${walls.get(wall).series}|${step}`, png),
  );
  layOut(board);
  Promise.all(arrived).then(() => {
    if (board.isGone) return;
    if (header.answered === board.pending?.id) board.pending = null;
    refresh(board);
  });
}

function remember(key, png) {
  if (cache.has(key)) return Promise.resolve();
  const sheet = { blob: new Blob([png], { type: "image/png" }), bitmap: null, bytes: 0 };
  return createImageBitmap(sheet.blob)
    .then(
      (bitmap) => Object.assign(sheet, { bitmap, bytes: 4 * bitmap.width * bitmap.height }),
      () => (sheet.isBroken = true),
    )
    .then(() => {
      forget(key);
      cache.set(key, sheet);
      cachedBytes += sheet.bytes;
      for (const oldest of cache.keys()) {
        if (cachedBytes <= CACHE_BYTES || oldest === key) break;
        forget(oldest);
      }
    });
}

function forget(key) {
  cachedBytes -= cache.get(key)?.bytes ?? 0;
  cache.get(key)?.bitmap?.close();
  cache.delete(key);
}

// ---- which sheets belong to a step ------------------------------------------------------------

function stepBefore(wall, step) {
  return wall.steps.findLast((each) => each <= step);
}

function keysAt(board, step) {
  return board.header.walls.flatMap((wall) => {
    const at = stepBefore(wall, step);
    return at === undefined ? [] : [{ wall: wall.key, step: at, key: `${wall.series}|${at}` }];
  });
}

function isThere(board, step) {
  return keysAt(board, step).every(({ key }) => cache.has(key));
}

function target(board) {
  const { steps } = board.header;
  if (!steps.length) return null;
  return board.chosen ?? steps.at(-1);
}

function missing(board) {
  const { steps } = board.header;
  const step = target(board);
  if (step === null) return [];
  const ahead = board.playTimer ? steps.filter((each) => each > step).slice(0, N_AHEAD) : [];
  const found = new Map();
  for (const each of [step, ...ahead]) {
    for (const one of keysAt(board, each)) if (!cache.has(one.key)) found.set(one.key, one);
  }
  return [...found.values()].slice(0, MAX_ASKED);
}

function askForMissing(board) {
  if (board.askTimer) return;
  board.askTimer = setTimeout(() => {
    board.askTimer = null;
    const need = missing(board);
    if (board.isGone || !need.length) return;
    const { pending } = board;
    if (pending && Date.now() - pending.id < ASK_AGAIN_MS) {
      askForMissing(board); // one question at a time
      return;
    }
    board.pending = { id: Date.now() };
    board.send({ id: board.pending.id, need: need.map(({ wall, step }) => [wall, step]) });
  }, ASK_MS);
}

// ---- choosing a step ------------------------------------------------------------------------

function choose(board, step) {
  board.chosen = step;
  refresh(board);
}

function refresh(board) {
  const step = target(board);
  if (step !== null && isThere(board, step)) show(board, step);
  if (missing(board).length) askForMissing(board);
  drawPlayer(board);
}

function startPlaying(board) {
  const { steps } = board.header;
  const isAtEnd = board.chosen === null || board.chosen >= steps.at(-1);
  board.playTimer = setInterval(() => {
    if (board.shown !== target(board)) return; // its pictures are still on the way
    const next = board.header.steps.find((each) => each > board.chosen);
    if (next === undefined) stopPlaying(board);
    else choose(board, next);
  }, PLAY_MS);
  choose(board, isAtEnd ? steps[0] : board.chosen);
}

function stopPlaying(board) {
  clearInterval(board.playTimer);
  board.playTimer = null;
  if (board.header) drawPlayer(board);
}

function drawPlayer(board) {
  const { steps } = board.header;
  const step = target(board);
  const position = step === null ? 0 : steps.findLastIndex((each) => each <= step);
  board.slider.max = String(Math.max(1, steps.length));
  board.slider.value = String(position + 1);
  board.slider.disabled = board.play.disabled = steps.length < 2;
  const words = step === null ? "no step yet" : `step ${format(step)}`;
  board.slider.setAttribute("aria-valuetext", words);
  const isLoading = step !== null && board.shown !== step;
  board.at.textContent = step === null ? "" : isLoading ? `loading ${format(step)} …` : `Step ${format(step)}`;
  const playText = board.playTimer ? "⏸ Pause" : "▶ Play";
  if (board.play.textContent !== playText) board.play.textContent = playText;
  board.follow.style.visibility = board.chosen === null ? "hidden" : "visible";
  board.save.disabled = board.shown === null;
}

// ---- drawing --------------------------------------------------------------------------------

// Heights follow from geometries and the width alone, never from a picture's arrival.
function layOut(board) {
  const { root, header } = board;
  board.width = root.clientWidth;
  root.classList.toggle("is-narrow", board.width < NARROW_PX);
  root.classList.toggle("large", header.large);
  const least = header.large ? WALL_PX * 1.2 : WALL_PX;
  const perRow = Math.max(
    1, Math.min(header.walls.length, Math.floor((board.width + GAP_PX) / (least + GAP_PX))),
  );
  board.walls.style.gridTemplateColumns = `repeat(${perRow}, minmax(0, 1fr))`;
  board.room = Math.max(1, (board.width - (perRow - 1) * GAP_PX) / perRow);
  board.isStacked = perRow === 1 && header.walls.length > 1;
  const theme = isDark(root) ? "dark" : "light";
  const cells = header.walls.map((wall) => {
    if (!board.cells.has(wall.key)) board.cells.set(wall.key, makeCell(wall));
    const cell = board.cells.get(wall.key);
    cell.swatch.style.background = wall[theme];
    cell.label.textContent = cell.label.title = wall.label;
    cell.note.textContent = cell.note.title = wall.note;
    size(board, wall, cell);
    return cell.root;
  });
  if (cells.some((cell, i) => board.walls.children[i] !== cell)
      || board.walls.children.length !== cells.length) {
    board.walls.replaceChildren(...cells);
  }
  board.foot.textContent = footText(board);
  if (board.shown !== null) show(board, board.shown);
}

function size(board, wall, cell) {
  const known = wall.n ? wall : board.header.walls.find((each) => each.n);
  cell.fit = known ? fitTiles(board, known) : { width: Math.floor(board.room), height: 240 };
  const { canvas, area, fit } = cell;
  if (canvas.width !== fit.width || canvas.height !== fit.height) {
    canvas.width = fit.width;
    canvas.height = fit.height;
  }
  canvas.style.width = area.style.width = `${fit.width}px`;
  canvas.style.height = area.style.height = `${fit.height}px`;
  canvas.dataset.scale = String(fit.scale ?? 0);
  if (cell.canvas.dataset.step === undefined) trouble(cell, "No pictures yet.");
}

// The largest whole factor that leaves five tiles side by side; few rows where walls are stacked.
function fitTiles(board, { width, height, n }) {
  const { room, isStacked } = board;
  const scaleFor = (columns) => Math.floor((room - (columns - 1) * GUTTER_PX) / (columns * width));
  const scale = Math.max(1, Math.min(6, scaleFor(Math.min(n, N_COLUMNS))));
  const fitting = Math.floor((room + GUTTER_PX) / (scale * width + GUTTER_PX));
  const columns = Math.max(1, Math.min(fitting, n));
  const rows = Math.max(1, Math.min(Math.ceil(n / columns), isStacked ? 2 : columns));
  return {
    scale, columns, n: Math.min(n, rows * columns),
    width: columns * (width * scale + GUTTER_PX) - GUTTER_PX,
    height: rows * (height * scale + GUTTER_PX) - GUTTER_PX,
  };
}

function footText(board) {
  const wall = board.header.walls.find((each) => each.n);
  if (!wall) return board.header.legend;
  const { n } = board.cells.get(wall.key).fit;
  const some = n < wall.n ? ` Shown: the first ${n} of ${wall.n}.` : "";
  return `${board.header.legend}${some}`;
}

function show(board, step) {
  board.shown = step;
  for (const { key } of keysAt(board, step)) keepLonger(key);
  for (const wall of board.header.walls) drawWall(board, wall, step);
}

function keepLonger(key) {
  const sheet = cache.get(key);
  if (!sheet || !cache.delete(key)) return;
  cache.set(key, sheet);
}

function drawWall(board, wall, step) {
  const cell = board.cells.get(wall.key);
  const at = stepBefore(wall, step);
  const sheet = at === undefined ? undefined : cache.get(`${wall.series}|${at}`);
  if (at !== undefined && !sheet) return; // forgotten since: asked for anew
  const isBefore = at !== undefined && at < step;
  cell.which.textContent = at === undefined ? "" : isBefore ? `its step ${format(at)}` : `step ${format(at)}`;
  cell.which.classList.toggle("is-before", isBefore);
  cell.canvas.dataset.step = at === undefined ? "" : String(at);
  const context = cell.canvas.getContext("2d");
  context.clearRect(0, 0, cell.canvas.width, cell.canvas.height);
  if (!sheet?.bitmap) {
    trouble(cell, sheet ? "This picture cannot be read." : "No pictures yet at this step.");
    return;
  }
  trouble(cell, "");
  cell.canvas.setAttribute(
    "aria-label", `${cell.fit.n} pictures generated by ${wall.label} at step ${format(at)}`,
  );
  drawTiles(context, sheet.bitmap, wall, cell.fit, 0, 0);
}

function drawTiles(context, bitmap, wall, fit, left, top) {
  const { width, height } = wall;
  context.imageSmoothingEnabled = false;
  for (let i = 0; i < fit.n; i++) {
    context.drawImage(
      bitmap, (i % wall.columns) * width, Math.floor(i / wall.columns) * height, width, height,
      left + (i % fit.columns) * (width * fit.scale + GUTTER_PX),
      top + Math.floor(i / fit.columns) * (height * fit.scale + GUTTER_PX),
      width * fit.scale, height * fit.scale,
    );
  }
}

function trouble(cell, text) {
  cell.trouble.textContent = text;
  cell.trouble.style.display = text ? "flex" : "none";
}

// ---- saving ---------------------------------------------------------------------------------

function saveAll(board) {
  const walls = board.header.walls.filter((wall) => board.cells.get(wall.key).canvas.dataset.step);
  const perRow = Math.ceil(Math.sqrt(walls.length));
  const cells = walls.map((wall) => board.cells.get(wall.key));
  const width = Math.max(...cells.map((cell) => cell.fit.width));
  const height = Math.max(...cells.map((cell) => cell.fit.height)) + 34;
  const canvas = document.createElement("canvas");
  canvas.width = perRow * (width + GAP_PX) + GAP_PX;
  canvas.height = Math.ceil(walls.length / perRow) * (height + GAP_PX) + GAP_PX;
  const context = canvas.getContext("2d");
  context.fillStyle = "#ffffff";
  context.fillRect(0, 0, canvas.width, canvas.height);
  walls.forEach((wall, i) => {
    const left = GAP_PX + (i % perRow) * (width + GAP_PX);
    const top = GAP_PX + Math.floor(i / perRow) * (height + GAP_PX);
    const { canvas: tiles } = cells[i];
    context.fillStyle = wall.light;
    context.font = "600 16px sans-serif";
    context.fillText(`${wall.label} · step ${format(Number(tiles.dataset.step))}`, left, top + 20);
    context.drawImage(tiles, left, top + 34);
  });
  canvas.toBlob((blob) => {
    const link = document.createElement("a");
    link.href = URL.createObjectURL(blob);
    link.download = `${board.header.file_name}-step-${board.shown}.png`;
    link.click();
    setTimeout(() => URL.revokeObjectURL(link.href), 10_000);
  });
}
