// A scenario as a picture: parties are lanes, messages are arrows, facts and what was seen are notes.
const drawings = new WeakMap();
let sharedTable = null;

async function records(id) {
  sharedTable = sharedTable || unpack("packed");
  const [shared, whole] = await Promise.all([sharedTable, unpack("packed-" + id)]);
  const value = (number) => (number === undefined ? undefined
    : number < shared.length ? shared[number] : whole.own[number - shared.length]);
  const rows = whole.rows.map((row, at) => Object.assign({}, row, {
    seq: at + 1, gist: value(row.gist), hop: value(row.hop), bytes: value(row.bytes),
    tls: value(row.tls), view: value(row.view),
  }));
  const passed = whole.passed.map((one) => Object.assign({}, one, {
    role: value(one.role), expected: value(one.expected), actual: value(one.actual),
    rests: one.rests.map(([seq, quote]) => [seq, value(quote)]),
  }));
  return { lanes: whole.lanes.map(value), rows, passed };
}

function party(lanes, at) {
  const lane = lanes[at];
  const shared = lanes.filter((other) => other[0] === lane[0]).length > 1;
  return shared ? [lane[0] + "（" + lane[2] + "）", lane[1] + " (" + lane[2] + ")"] : lane;
}

function heads(lanes) {
  const row = make("div", "heads", make("span", "", ""), make("span", "", label("facts")));
  lanes.forEach((lane) => row.append(make("span", "", both(lane), lane[2] ? make("small", "", lane[2]) : null)));
  row.setAttribute("aria-hidden", "true");
  return row;
}

// Where a record lies: first and last column, counted from the facts' lane, and which way it points.
function course(row, lanes) {
  if (row.kind === "tapped" && row.from !== undefined && row.to !== undefined && row.from !== row.to) {
    const [low, high] = [Math.min(row.from, row.to), Math.max(row.from, row.to)];
    return { from: low + 1, to: high + 1, way: row.from < row.to ? "right" : "left" };
  }
  const lane = row.from === undefined ? 0 : row.from + 1;
  return { from: Math.min(lane, lanes - 1), to: Math.min(lane + 1, lanes), way: "note" };
}

function who(row, lanes) {
  if (row.kind === "declared") { return label("facts"); }
  const parts = document.createDocumentFragment();
  parts.append(both(party(lanes, row.from)));
  if (row.to !== undefined) { parts.append(" → ", both(party(lanes, row.to))); }
  return parts;
}

function screenLines(row) {
  const lines = row.kind === "attested" && row.view && Array.isArray(row.view.lines) ? row.view.lines : [];
  return lines.slice(0, 4).map((line) => make("span", "line", String(line)));
}

function line(row, lanes, id) {
  const run = course(row, lanes.length);
  const said = make("span", "say", both(row.gist), ...screenLines(row));
  if (row.failed) { said.append(make("span", "tag bad", "× ", row.failed.join(" "))); }
  if (row.ground) { said.append(make("span", "tag ground", label("ground"), " ", row.ground.join(" "))); }
  if (row.hop && row.hop[2]) { said.append(make("span", "unseen", " ", label("simulated"))); }
  const summary = make("summary", run.way, make("span", "at", "#" + row.seq + " " + row.at.slice(11, 23)),
    " ", make("span", "who", who(row, lanes)), " ", said);
  if (run.way !== "note") {
    const arrow = make("span", "arrow" + (row.hop && row.hop[2] ? " simulated" : ""));
    arrow.setAttribute("aria-hidden", "true");
    summary.append(arrow);
  }
  summary.style.setProperty("--from", run.from + 2);
  summary.style.setProperty("--to", run.to + 3);
  summary.style.setProperty("--span", run.to - run.from + 1);
  const box = make("details", "", summary);
  box.addEventListener("toggle", () => {
    if (box.open && box.children.length === 1) { box.append(inside(row, id)); }
  });
  const item = make("li", "row " + row.kind + (row.failed ? " marked" : row.ground ? " ground" : ""), box);
  item.id = "scenario-" + id + "/record-" + row.seq;
  return item;
}

function day(at) {
  const [year, month, date] = at.slice(0, 10).split("-").map(Number);
  const moment = new Date(Date.UTC(year, month - 1, date));
  const said = (tongue) => moment.toLocaleDateString(tongue, { timeZone: "UTC", year: "numeric", month: "long", day: "numeric", weekday: "short" });
  return make("li", "day", make("span", "", both([said("ja-JP"), said("en-GB")])));
}

// Expected against actual at the first record that went wrong, with the rule that says so.
function divergence(card, seq) {
  const anchor = "#" + card.id + "/record-" + seq;
  const rests = (finding) => Array.from(finding.querySelectorAll("a")).some((a) => a.getAttribute("href") === anchor);
  const finding = Array.from(card.querySelectorAll(".finding.is-fail")).find(rests);
  if (!finding) { return null; }
  const rule = finding.querySelector("a").textContent;
  const wording = document.getElementById("requirement-" + rule);
  const list = make("dl", "");
  entry(list, { of: "expected" }, ...copyOf(finding.querySelector(".expected")));
  entry(list, { of: "actual" }, ...copyOf(finding.querySelector(".actual")));
  entry(list, { of: "rule" }, link("requirement-" + rule, rule), " ", ...copyOf(wording && wording.querySelector(".title")));
  entry(list, { of: "source" }, ...copyOf(wording && wording.querySelector(".source")));
  return make("div", "divergence", make("p", "", make("strong", "", "× ", label("divergence"))), list);
}

function isGround(row) { return row.kind === "declared" && !(row.view && row.view.is === "hands"); }

// Runs of facts, four or more, fold into one line.
function grounds(rows, lanes, id) {
  const list = make("ol", "rows", ...rows.map((row) => line(row, lanes, id)));
  const box = make("details", "grounds", make("summary", "", label("grounds"), " (" + rows.length + ")"), list);
  box.open = rows.some((row) => row.failed || row.ground);
  return make("li", "row", box);
}

function rowsOf(card, whole) {
  const list = make("ol", "rows");
  const first = Number(card.dataset.first);
  let today = "";
  for (let at = 0; at < whole.rows.length; at += 1) {
    const row = whole.rows[at];
    if (row.at.slice(0, 10) !== today) { list.append(day(row.at)); today = row.at.slice(0, 10); }
    let end = at;
    while (end < whole.rows.length && isGround(whole.rows[end]) && whole.rows[end].at.startsWith(today)) { end += 1; }
    if (end - at > 3) {
      list.append(grounds(whole.rows.slice(at, end), whole.lanes, card.dataset.id));
      at = end - 1;
      continue;
    }
    const item = line(row, whole.lanes, card.dataset.id);
    if (row.seq === first) {
      item.classList.add("first");
      item.prepend(divergence(card, first) || "");
    }
    list.append(item);
  }
  return list;
}

function passes(whole, id) {
  const body = whole.passed.map((one) => make("tr", "",
    make("th", "", link("requirement-" + one.requirement, one.requirement)), make("td", "", both(one.role)),
    make("td", "", both(one.expected)), make("td", "", both(one.actual)),
    make("td", "", ...one.rests.flatMap(([seq, quote]) => [
      link("scenario-" + id + "/record-" + seq, "#" + seq), " " + quote[0] + ": ", make("q", "", quote[1]), make("br", "")]))));
  body.forEach((tr) => { tr.firstChild.scope = "row"; });
  const head = make("tr", "", ...["rule", "role", "expected", "actual", "rest"].map((name) => {
    const th = make("th", "", label(name));
    th.scope = "col";
    return th;
  }));
  const grid = make("table", "", make("thead", "", head), make("tbody", "", ...body));
  nameCells(grid);
  const table = make("div", "wide", grid);
  table.tabIndex = 0;
  return make("details", "passes", make("summary", "", label("passed"), " (" + whole.passed.length + ")"), table);
}

async function paint(card) {
  const id = card.dataset.id;
  const place = card.querySelector(".place");
  copyButton(card.querySelector(".replay"));
  if (!document.getElementById("packed-" + id)) { return; }
  if (typeof DecompressionStream === "undefined") {
    place.replaceChildren(make("p", "note", label("unpack")));
    return;
  }
  const whole = await records(id);
  const title = make("h3", "", label("picture"));
  title.id = "picture-" + id;
  const box = make("div", "picture", heads(whole.lanes), rowsOf(card, whole));
  box.style.setProperty("--lanes", whole.lanes.length + 1);
  box.tabIndex = 0;
  box.setAttribute("role", "group");
  box.setAttribute("aria-labelledby", title.id);
  place.replaceChildren(title, make("p", "note", label("legend")), box,
    ...(whole.passed.length ? [passes(whole, id)] : []));
}

// Draws once; whoever comes later waits for the same drawing.
function draw(card) {
  if (!drawings.has(card)) { drawings.set(card, paint(card)); }
  return drawings.get(card);
}
