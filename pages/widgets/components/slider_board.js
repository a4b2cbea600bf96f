// A picture and its sliders. One question to the server at a time, always the newest; an answer is
// drawn as it comes. See slider_board.py.

const LOST_MS = 3000; // an answer that has not come by then will not come
const SETTLE_MS = 250;
const PICTURE_PX = 336;
const NARROW_PX = 640;
const THUMB_PX = 64;
const COPIED_MS = 1500;

export default function ({ data, parentElement, setStateValue }) {
  const board = (parentElement.__sliderBoard ??= makeBoard(parentElement));
  board.ask = (question) => setStateValue("ask", question);
  receive(board, decode(data));
  return () => {
    clearTimeout(board.lostTimer);
    clearTimeout(board.settleTimer);
    board.resizer.disconnect();
    board.root.remove(); // the parent may be given to us again
    delete parentElement.__sliderBoard;
  };
}

// ---- elements -----------------------------------------------------------------------------

function button(text, title, action) {
  const node = element("button", "", text);
  node.type = "button";
  node.title = title;
  node.addEventListener("click", action);
  return node;
}

function range(label) {
  const node = document.createElement("input");
  node.type = "range";
  node.setAttribute("aria-label", label);
  return node;
}

function makeBoard(parent) {
  const board = {
    root: element("div", "slider-board"),
    title: element("div", "title"),
    canvas: document.createElement("canvas"),
    score: element("div", "score"),
    truncation: range("Truncation"),
    truncationText: element("span", "value"),
    reach: document.createElement("select"),
    list: element("div", "rows"),
    rows: new Map(), // by the slider's id
    values: new Map(), // what was moved, by id
    header: null,
    epoch: null,
    seq: 0,
    inFlight: 0, // the question that is being answered; 0 for none
    wish: null, // what is to be asked as soon as the answer is there
    strips: "", // the key of the small pictures that are shown
  };
  board.canvas.setAttribute("role", "img");
  board.more = button("More sliders", "Show those that matter less, too", () =>
    want(board, { n_shown: board.header.sliders.length + 5, settled: true }),
  );
  board.copy = button("Copy z", "Copy the numbers that this picture is drawn from", () => copyZ(board));
  board.root.append(makeSide(board), board.list);
  parent.append(board.root); // beside the style sheet, which Streamlit keeps in the same element
  board.resizer = new ResizeObserver(() => {
    if (board.header && board.width !== board.root.clientWidth) layOut(board);
  });
  board.resizer.observe(board.root);
  return board;
}

function makeSide(board) {
  const side = element("div", "side");
  const { truncation, truncationText, reach } = board;
  truncation.min = "0";
  truncation.max = "100";
  truncation.addEventListener("input", () => {
    drawTruncation(board);
    want(board, {});
  });
  const kept = element("label", "setting");
  kept.title = "How much of z is kept: less gives more typical pictures, and less variety";
  kept.append(element("span", "", "Truncation"), truncationText, truncation);
  const far = element("label", "setting");
  far.title = "How far sliders go, in standard deviations σ of z";
  far.append(element("span", "", "Sliders reach"), reach);
  reach.addEventListener("change", () => want(board, { reach: Number(reach.value), settled: true }));
  const buttons = element("div", "buttons");
  buttons.append(
    button("Randomise", "Put all shown sliders at random", () => randomise(board)),
    button("Reset all", "Back to the picture as it was picked", () => resetAll(board)),
    board.copy,
  );
  const stage = element("div", "stage"); // stays in sight while the page scrolls
  stage.append(board.title, board.canvas, board.score);
  const tools = element("div", "tools");
  tools.append(buttons, kept, far);
  side.append(stage, tools);
  return side;
}

// ---- what Python sent -----------------------------------------------------------------------

function decode(bytes) {
  const { header, payload } = unframe(bytes);
  const end = header.width * header.height * header.channels;
  header.pixels = payload.subarray(0, end);
  header.png = payload.slice(end);
  return header;
}

function receive(board, header) {
  const isElsewhere = header.epoch !== board.epoch;
  if (isElsewhere) {
    board.values.clear();
    board.wish = null; // it was about another picture
    clearTimeout(board.settleTimer);
    board.truncation.value = String(header.truncation);
    board.epoch = header.epoch;
  }
  board.header = header;
  board.seq = Math.max(board.seq, header.seq);
  for (const slider of header.sliders) {
    const isNew = isElsewhere || !board.rows.has(slider.id);
    if (isNew && slider.value !== slider.zero) board.values.set(slider.id, slider.value);
  }
  drawReach(board);
  layOut(board);
  drawPicture(board);
  if (header.strips) drawStrips(board, header);
  if (board.inFlight && header.seq >= board.inFlight) {
    board.inFlight = 0;
    clearTimeout(board.lostTimer);
  }
  if (board.wish) send(board);
}

// ---- asking ---------------------------------------------------------------------------------

// What is wanted now replaces what was wanted before and was not asked yet.
function want(board, what) {
  board.wish = { ...board.wish, settled: false, ...what };
  clearTimeout(board.settleTimer);
  if (!what.settled) board.settleTimer = setTimeout(() => want(board, { settled: true }), SETTLE_MS);
  if (!board.inFlight) send(board);
}

function send(board) {
  const { n_shown: nShown, reach, reset, settled } = board.wish;
  board.wish = null;
  board.seq += 1;
  board.inFlight = board.seq;
  board.nShown = nShown ?? board.header.sliders.length;
  board.ask({
    epoch: board.epoch,
    seq: board.seq,
    values: Object.fromEntries(board.values),
    truncation: Number(board.truncation.value),
    reach: reach ?? board.header.reach,
    n_shown: board.nShown,
    reset: Boolean(reset),
    settled,
    has: board.strips,
  });
  board.lostTimer = setTimeout(() => {
    board.inFlight = 0;
    if (board.wish) send(board);
  }, LOST_MS);
}

function move(board, slider, value, isSettled) {
  if (value === slider.zero) board.values.delete(slider.id);
  else board.values.set(slider.id, value);
  drawRow(board, slider);
  want(board, isSettled ? { settled: true } : {});
}

function randomise(board) {
  const { sliders, reach } = board.header;
  for (const slider of sliders) {
    const value = Math.round(20 * normal()) * 5;
    const clamped = Math.max(-reach, Math.min(reach, value));
    board.values.set(slider.id, clamped);
    if (clamped === slider.zero) board.values.delete(slider.id);
    drawRow(board, slider);
  }
  want(board, { settled: true });
}

function normal() {
  return Math.sqrt(-2 * Math.log(1 - Math.random())) * Math.cos(2 * Math.PI * Math.random());
}

function resetAll(board) {
  board.values.clear();
  board.truncation.value = "100";
  for (const slider of board.header.sliders) drawRow(board, slider);
  drawTruncation(board);
  want(board, { reset: true, settled: true });
}

async function copyZ(board) {
  const text = `[${board.header.z.join(", ")}]`;
  try {
    await navigator.clipboard.writeText(text);
  } catch {
    window.prompt("Copy the numbers:", text); // no clipboard on a page without https
    return;
  }
  board.copy.textContent = "Copied";
  setTimeout(() => (board.copy.textContent = "Copy z"), COPIED_MS);
}

// ---- drawing --------------------------------------------------------------------------------

function layOut(board) {
  const { root, header, canvas } = board;
  board.width = root.clientWidth;
  const isNarrow = board.width < NARROW_PX;
  root.classList.toggle("is-narrow", isNarrow);
  const room = Math.min(isNarrow ? board.width * 0.5 : PICTURE_PX, PICTURE_PX);
  const scale = Math.max(1, Math.floor(room / header.width));
  canvas.style.width = `${header.width * scale}px`;
  canvas.style.height = `${header.height * scale}px`;
  drawRows(board);
  board.truncationText.textContent = `${board.truncation.value} %`;
  board.title.textContent = header.title;
  board.score.textContent = header.score;
  board.score.style.color = inkOf(board, "discriminator");
  board.copy.disabled = !header.z.length;
}

function drawPicture(board) {
  const { canvas, header } = board;
  const { width, height, channels, pixels } = header;
  if (canvas.width !== width || canvas.height !== height) {
    canvas.width = width;
    canvas.height = height;
  }
  const image = new ImageData(width, height);
  for (let i = 0; i < width * height; i++) {
    for (let c = 0; c < 3; c++) image.data[4 * i + c] = pixels[i * channels + (channels > 1 ? c : 0)];
    image.data[4 * i + 3] = 255;
  }
  canvas.getContext("2d").putImageData(image, 0, 0);
  canvas.setAttribute("aria-label", header.alt);
  canvas.dataset.seq = String(header.seq);
}

function drawTruncation(board) {
  board.truncationText.textContent = `${board.truncation.value} %`;
}

function drawReach(board) {
  const { reach, header } = board;
  if (!reach.children.length) {
    for (const value of header.reaches) {
      const option = element("option", "", `±${value / 100} σ`);
      option.value = String(value);
      reach.append(option);
    }
  }
  reach.value = String(header.reach);
}

// Rows stay the same nodes as long as they are there: one of them may be in the hand.
function drawRows(board) {
  const { header, rows, list } = board;
  const ids = new Set(header.sliders.map((slider) => slider.id));
  for (const [id, row] of rows) {
    if (ids.has(id)) continue;
    row.root.remove();
    rows.delete(id);
  }
  header.sliders.forEach((slider, i) => {
    if (!rows.has(slider.id)) rows.set(slider.id, makeRow(board, slider.id));
    const { root } = rows.get(slider.id);
    if (list.children[i] !== root) list.insertBefore(root, list.children[i] ?? null);
    drawRow(board, slider);
  });
  board.more.style.display = header.n_more ? "" : "none";
  if (list.lastChild !== board.more) list.append(board.more);
}

function makeRow(board, id) {
  const current = () => board.header.sliders.find((slider) => slider.id === id);
  const row = {
    root: element("div", "row"),
    name: element("span", "name"),
    share: element("span", "share"),
    value: element("span", "value"),
    input: range(""),
    strip: element("div", "strip"),
    ends: element("div", "ends"),
    thumbs: [],
  };
  row.reset = button("↺", "Reset this slider", () => move(board, current(), current().zero, true));
  row.input.step = "5";
  row.input.addEventListener("input", () => move(board, current(), Number(row.input.value), false));
  const head = element("div", "head");
  head.append(row.name, row.share, row.value);
  row.root.append(head, row.input, row.reset, row.ends, row.strip);
  return row;
}

function drawRow(board, slider) {
  const { header, values, rows } = board;
  const row = rows.get(slider.id);
  const value = values.get(slider.id) ?? slider.zero;
  const far = Math.max(header.reach, Math.abs(value));
  setText(row.name, slider.title);
  setText(row.share, slider.share);
  row.share.title = slider.about;
  setText(row.value, `${value > 0 ? "+" : ""}${(value / 100).toFixed(2)} σ`);
  row.input.min = String(-far);
  row.input.max = String(far);
  row.input.value = String(value);
  row.input.setAttribute("aria-label", slider.title);
  row.input.setAttribute("aria-valuetext", `${value / 100} σ`);
  row.reset.disabled = value === slider.zero;
  row.reset.setAttribute("aria-label", `Reset ${slider.title}`);
  if (slider.low && !row.ends.children.length) {
    row.ends.append(element("span", "", slider.low), element("span", "", slider.high));
  }
}

function setText(node, text) {
  if (node.textContent !== text) node.textContent = text;
}

// ---- the small pictures ---------------------------------------------------------------------

async function drawStrips(board, header) {
  const { key, values } = header.strips;
  board.strips = key;
  const sheet = await createImageBitmap(new Blob([header.png], { type: "image/png" }));
  if (board.strips !== key) return; // newer ones have come
  const size = thumbSize(board, values.length);
  board.root.style.setProperty("--inset", `${Math.max(0, size / 2 - 8)}px`);
  header.sliders.forEach((slider, i) => {
    const row = board.rows.get(slider.id);
    if (!row) return;
    while (row.thumbs.length > values.length) row.thumbs.pop().parentElement.remove();
    while (row.thumbs.length < values.length) row.thumbs.push(makeThumb(board, row, slider.id));
    row.thumbs.forEach((thumb, k) => drawThumb(thumb, sheet, header, i, k, size, slider));
  });
}

function thumbSize(board, n) {
  const { header, list } = board;
  const room = Math.min(THUMB_PX, Math.floor((list.clientWidth - 44 - 3 * n) / n));
  return room >= header.width ? Math.floor(room / header.width) * header.width : room;
}

function makeThumb(board, row, id) {
  const thumb = document.createElement("canvas");
  const node = button("", "", () => {
    const slider = board.header.sliders.find((each) => each.id === id);
    move(board, slider, Number(thumb.dataset.value), true);
  });
  node.tabIndex = -1; // the slider itself goes there with the keyboard
  node.append(thumb);
  row.strip.append(node);
  return thumb;
}

function drawThumb(thumb, sheet, { width, height, strips }, i, k, size, slider) {
  const value = strips.values[k];
  if (thumb.width !== width) thumb.width = width;
  if (thumb.height !== height) thumb.height = height;
  thumb.style.width = `${size}px`;
  thumb.style.height = `${(size * height) / width}px`;
  thumb.style.imageRendering = size < width ? "auto" : "pixelated";
  thumb.dataset.value = String(value);
  thumb.parentElement.title = `${value > 0 ? "+" : ""}${value / 100} σ`;
  thumb.parentElement.setAttribute("aria-label", `${slider.title} to ${value / 100} σ`);
  thumb.getContext("2d").drawImage(
    sheet, k * width, i * height, width, height, 0, 0, width, height,
  );
}

// ---- colours --------------------------------------------------------------------------------

function inkOf(board, name) {
  return board.header.inks[name][isDark(board.root) ? "dark" : "light"];
}
