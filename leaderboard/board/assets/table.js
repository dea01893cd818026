// Draws a table (leaderboard/board/tables/table.py). Everything that comes from data is written with textContent.

const orders = new WeakMap(); // the order that a reader chose, kept while the data changes under it

const make = (tag, name, text) => {
  const element = document.createElement(tag);
  if (name) element.className = name;
  if (text !== undefined && text !== "") element.textContent = text;
  return element;
};

const compare = (a, b, descending) => {
  const x = a?.sort, y = b?.sort;
  if (x === null || x === undefined) return y === null || y === undefined ? 0 : 1;
  if (y === null || y === undefined) return -1;
  const order = typeof x === "number" && typeof y === "number" ? x - y : String(x).localeCompare(String(y));
  return descending ? -order : order;
};

const place = (axis, value) => 100 * Math.min(1, Math.max(0, (value - axis.low) / (axis.high - axis.low || 1)));

const intervalBar = (axis, cell) => {
  const bar = make("div", "bar");
  for (const tick of axis.ticks) {
    const line = make("i", tick.at === 0 && axis.low < 0 ? "tick zero" : "tick");
    line.style.left = `${place(axis, tick.at)}%`;
    bar.append(line);
  }
  if (cell.low !== null && cell.high !== null) {
    const range = make("i", "range");
    range.style.left = `${place(axis, cell.low)}%`;
    range.style.width = `${place(axis, cell.high) - place(axis, cell.low)}%`;
    bar.append(range);
  }
  if (cell.value !== null) {
    const dot = make("i", "dot");
    dot.style.left = `${place(axis, cell.value)}%`;
    bar.append(dot);
  }
  return bar;
};

const rankStrip = (places, cell) => {
  const strip = make("div", "strip");
  if (cell.best === null || cell.worst === null || places < 2) return strip;
  const span = make("i", "ranks");
  span.style.left = `${(100 * (cell.best - 1)) / places}%`;
  span.style.width = `${(100 * (cell.worst - cell.best + 1)) / places}%`;
  strip.append(span);
  return strip;
};

const badges = (cell) =>
  cell.badges.map((badge) => {
    const mark = make("span", `badge tone-${badge.tone}`, badge.text);
    if (badge.help) mark.title = badge.help;
    return mark;
  });

const fill = (box, column, cell, data) => {
  if (!cell) return;
  box.classList.add(`tone-${cell.tone}`);
  if (cell.help) box.title = cell.help;
  if (column.kind === "interval") {
    const figures = make("div", "figures");
    figures.append(make("span", "figure", cell.text), make("span", "margin", cell.sub));
    box.append(figures);
    if (data.axis) box.append(intervalBar(data.axis, cell));
    return;
  }
  const line = make("div", "line");
  line.append(make("span", "text", cell.text), ...badges(cell));
  box.append(line);
  if (column.kind === "rank") box.append(rankStrip(data.places, cell));
  else if (cell.sub) box.append(make("div", "sub", cell.sub));
};

const notes = (data, row) => {
  const columns = data.columns.filter((column) => !column.narrow && row[column.key]?.text);
  const line = make("div", "notes");
  for (const column of columns) {
    const note = make("span", "note");
    const { text, sub } = row[column.key];
    note.append(make("span", "note-label", column.label), make("span", "note-text", sub ? `${text} (${sub})` : text));
    note.append(...badges(row[column.key]));
    line.append(note);
  }
  return line;
};

const head = (data, order, choose) => {
  const row = make("tr");
  for (const column of data.columns) {
    const cell = make("th", `kind-${column.kind}${column.narrow ? "" : " wide"}`);
    cell.scope = "col";
    const sorted = order.key === column.key;
    cell.setAttribute("aria-sort", sorted ? (order.descending ? "descending" : "ascending") : "none");
    const button = make("button", sorted ? "sorted" : "");
    button.type = "button";
    button.disabled = !column.sortable;
    button.append(make("span", "", column.label), make("span", "arrow", sorted && order.descending ? "↓" : "↑"));
    if (column.help) button.title = column.help;
    button.onclick = () => choose(column);
    cell.append(button);
    if (column.kind === "interval" && data.axis) {
      const scale = make("div", "scale");
      for (const tick of data.axis.ticks) {
        const mark = make("span", "", tick.text);
        mark.style.left = `${place(data.axis, tick.at)}%`;
        scale.append(mark);
      }
      cell.append(scale);
    }
    row.append(cell);
  }
  return row;
};

const draw = (root, data, order, choose) => {
  const table = make("table", data.columns[0]?.kind === "rank" ? "ranked" : "");
  table.setAttribute("aria-label", data.label);
  table.append(make("thead"), make("tbody"));
  table.tHead.append(head(data, order, choose));
  const rows = data.rows.map((cells, index) => ({ cells, marked: data.highlight.includes(index) }));
  if (order.key) rows.sort((a, b) => compare(a.cells[order.key], b.cells[order.key], order.descending));
  for (const { cells, marked } of rows) {
    const row = make("tr", marked ? "marked" : "");
    for (const column of data.columns) {
      const box = make("td", `kind-${column.kind}${column.narrow ? "" : " wide"}${column.wrap ? " wrap" : ""}`);
      fill(box, column, cells[column.key], data);
      if (column.kind === "name") box.append(notes(data, cells));
      row.append(box);
    }
    table.tBodies[0].append(row);
  }
  root.replaceChildren(table);
};

export default function ({ data, parentElement }) {
  const root = parentElement.querySelector(".table");
  const order = orders.get(root) ?? { key: data.sort, descending: data.descending };
  const choose = (column) => {
    const chosen = { key: column.key, descending: order.key === column.key ? !order.descending : false };
    orders.set(root, chosen);
    Object.assign(order, chosen);
    draw(root, data, order, choose);
  };
  draw(root, data, order, choose);
}
