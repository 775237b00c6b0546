"use strict";
const data = JSON.parse(document.getElementById("data").textContent);
const nobody = data.nodes.length;
const name = (node) => (node === nobody ? "nobody" : data.nodes[node]);
const all = (selector) => [...document.querySelectorAll(selector)];
const byParts = new Map(data.failures.map((failure, number) => [failure.parts.join(), number]));
const chosen = [];

function numberOf(parts) {
  return byParts.get([...parts].sort((a, b) => a - b).join());
}

function choose(part) {
  if (chosen.includes(part)) chosen.splice(chosen.indexOf(part), 1);
  else if (chosen.length === 1 && numberOf([...chosen, part]) !== undefined) chosen.push(part);
  else chosen.splice(0, 2, part);
  show();
}

function show() {
  const number = numberOf(chosen);
  const failure = data.failures[number] ?? { title: "All is well", holders: data.holders, moves: [], parts: [] };
  all("[data-part]").forEach((part) => {
    const down = chosen.includes(Number(part.dataset.part));
    part.classList.toggle("down", down);
    part.setAttribute("aria-pressed", down);
  });
  all("[data-failure]").forEach((button) => {
    const is = Number(button.dataset.failure) === number;
    button.setAttribute("aria-pressed", is);
    button.classList.toggle("chosen", is);
    if (button.closest(".singles")) button.closest("tr").classList.toggle("chosen", is);
  });
  all(".tray").forEach((tray) => tray.classList.toggle("full", failure.holders.includes(nobody)));
  all(".drawing").forEach((drawing) => place(drawing, failure));
  tell(failure);
}

/* Those that stay keep their places; those that come take the free ones. */
function places(failure) {
  const taken = Array.from({ length: nobody + 1 }, () => new Set());
  const home = data.holders.map((node, vip) => data.holders.slice(0, vip).filter((other) => other === node).length);
  failure.holders.forEach((node, vip) => node === data.holders[vip] && taken[node].add(home[vip]));
  return failure.holders.map((node, vip) => {
    if (node === data.holders[vip]) return home[vip];
    let free = 0;
    while (taken[node].has(free)) free += 1;
    taken[node].add(free);
    return free;
  });
}

function place(drawing, failure) {
  const { slots, chip } = data.drawings[drawing.classList[1]];
  const now = places(failure);
  const home = places({ holders: data.holders });
  const arrows = drawing.querySelector(".arrows");
  arrows.replaceChildren();
  failure.holders.forEach((node, vip) => {
    const [x, y] = slots[node][now[vip]];
    drawing.querySelector(`[data-vip="${vip}"]`).style.transform = `translate(${x}px,${y}px)`;
    if (node === data.holders[vip]) return;
    const [left, top] = slots[data.holders[vip]][home[vip]];
    draw(arrows, "rect", { x: left, y: top, width: chip.width, height: chip.height, rx: 6 });
    const way = node === nobody ? down([left, top], [x, y], chip) : across([left, top], [x, y], chip);
    draw(arrows, "path", { d: way, "marker-end": arrows.dataset.head });
  });
}

function across([x1, y1], [x2, y2], { width, height }) {
  const right = x2 > x1;
  const from = [right ? x1 + width : x1, y1 + height / 2];
  const to = [right || Math.abs(x1 - x2) < width ? x2 : x2 + width, y2 + height / 2];
  const bend = Math.max(20, Math.abs(to[0] - from[0]) / 2) * (right ? 1 : -1);
  const back = to[0] === x2 ? -Math.abs(bend) : bend * -1;
  return `M${from}C${from[0] + bend} ${from[1]} ${to[0] + back} ${to[1]} ${to}`;
}

function down([x1, y1], [x2, y2], { width, height }) {
  const from = [x1 + width / 2, y1 + height];
  const to = [x2 + width / 2, y2];
  const bend = (to[1] - from[1]) / 2;
  return `M${from}C${from[0]} ${from[1] + bend} ${to[0]} ${to[1] - bend} ${to}`;
}

function draw(parent, tag, attributes) {
  const element = document.createElementNS("http://www.w3.org/2000/svg", tag);
  Object.entries(attributes).forEach(([key, value]) => element.setAttribute(key, value));
  parent.append(element);
}

function tell(failure) {
  document.getElementById("what").textContent = failure.title;
  document.getElementById("mend").hidden = !chosen.length;
  document.getElementById("outcome").classList.toggle("broken", chosen.length > 0);
  document.getElementById("numbers").textContent = !chosen.length
    ? "Nothing is broken."
    : !failure.moves.length
      ? "Nothing moves, and no client sees it."
      : `Longest outage: ${failure.outage}. Two holders: ${failure.both}.` +
        (failure.lost ? ` VIPs without a node: ${failure.lost}.` : "");
  document.getElementById("moves").replaceChildren(...failure.moves.map(moved));
}

function moved([vip, from, to, outage]) {
  const item = document.createElement("li");
  const label = document.createElement("span");
  label.className = "vip";
  const drawn = getComputedStyle(document.querySelector(`[data-vip="${vip}"]`));
  label.style.setProperty("--hue", drawn.getPropertyValue("--hue"));
  label.textContent = data.vips[vip];
  item.append(label, ` ${name(from)} → ${name(to)}` + (to === nobody ? "" : `, ${outage}`));
  return item;
}

function showFailure(button) {
  chosen.splice(0, 2, ...data.failures[button.dataset.failure].parts);
  show();
  document.getElementById("cluster").scrollIntoView();
}

/* One stop for the tabulator; the arrow keys walk through the table. */
function walk(event) {
  const cell = event.target.closest("td");
  const step = { ArrowLeft: [0, -1], ArrowRight: [0, 1], ArrowUp: [-1, 0], ArrowDown: [1, 0] }[event.key];
  if (!cell || !step) return;
  event.preventDefault();
  const row = cell.parentElement.parentElement.rows[cell.parentElement.rowIndex - 1 + step[0]];
  const next = row?.cells[cell.cellIndex + step[1]]?.querySelector("button");
  if (!next) return;
  event.target.tabIndex = -1;
  next.tabIndex = 0;
  next.focus();
}

document.documentElement.classList.add("scripting");
all("[data-part]").forEach((part) => {
  part.addEventListener("click", () => choose(Number(part.dataset.part)));
  part.addEventListener("keydown", (event) => {
    if (event.key !== "Enter" && event.key !== " ") return;
    event.preventDefault();
    choose(Number(part.dataset.part));
  });
});
all("[data-failure]").forEach((button) => button.addEventListener("click", () => showFailure(button)));
all(".pairs button").forEach((button, index) => {
  const failure = data.failures[button.dataset.failure];
  button.tabIndex = index ? -1 : 0;
  button.setAttribute("aria-label", `${failure.title}: ${failure.lost ? "lost" : failure.outage}`);
});
document.querySelector(".pairs")?.addEventListener("keydown", walk);
document.getElementById("mend").addEventListener("click", () => {
  chosen.length = 0;
  show();
});
show();
