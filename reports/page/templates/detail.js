// What a record says once it is opened: decoded fields, then bytes.
function fields(value) {
  if (value === null || value === undefined) { return make("span", "quiet", "–"); }
  if (Array.isArray(value)) {
    if (value.length === 0) { return make("span", "quiet", "[ ]"); }
    return make("ol", "fields", ...value.map((item) => make("li", "", fields(item))));
  }
  if (typeof value === "object") {
    const list = make("dl", "fields");
    Object.keys(value).forEach((name) => entry(list, name, fields(value[name])));
    return list;
  }
  return make("span", "value", String(value));
}

// A card's command and response by the fields of ISO/IEC 7816-4.
function apdu(row) {
  const { view, gist } = row;
  const list = make("dl", "fields");
  if (view.header) {
    entry(list, "INS", view.command);
    ["CLA", "INS", "P1", "P2"].forEach((name, at) => entry(list, name, view.header.slice(2 * at, 2 * at + 2)));
    Object.keys(view.with || {}).forEach((name) => entry(list, name, fields(view.with[name])));
    list.firstChild.textContent = "";
    list.firstChild.append(both(["コマンド", "Command"]));
    return list;
  }
  entry(list, "SW1 SW2", view.response.slice(0, 2) + " " + view.response.slice(2));
  entry(list, { of: "means" }, both(gist));
  const data = row.bytes !== undefined && here(row) ? digits(bytesOf(row).slice(0, -2)) : view.data;
  if (data) { entry(list, "Data", make("span", "value", data)); }
  return list;
}

function decoded(row) {
  const view = row.view;
  if (view === undefined) { return null; }
  if (view && (view.header || view.response) && row.hop && row.hop[3] === "card") { return apdu(row); }
  return fields(view);
}

function digits(bytes) { return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join(" "); }

function hex(bytes, width) {
  const lines = [];
  for (let at = 0; at < bytes.length; at += width) {
    const part = bytes.slice(at, at + width);
    const letters = Array.from(part, (byte) => (byte > 31 && byte < 127 ? String.fromCharCode(byte) : "·")).join("");
    lines.push(at.toString(16).padStart(4, "0") + "  " + digits(part).padEnd(3 * width - 1) + "  " + letters);
  }
  return lines.join("\n");
}

// Bytes stand in the page as text where they are text, otherwise in Base64; long ones stand in the evidence.
function here(row) { return typeof row.bytes === "string" || row.bytes.text !== undefined; }

function bytesOf(row) {
  return typeof row.bytes === "string" ? Uint8Array.from(atob(row.bytes), (letter) => letter.charCodeAt(0))
    : new TextEncoder().encode(row.bytes.text);
}

// Raw bytes, one more click away; long ones stay in the evidence.
function raw(row, id) {
  if (row.bytes === undefined) { return null; }
  if (!here(row)) {
    const list = make("dl", "channel");
    entry(list, { of: "pack" }, make("code", "", "evidence/bytes/" + id + ".pack"));
    entry(list, { of: "offset" }, String(row.bytes.at));
    entry(list, { of: "length" }, String(row.bytes.size));
    entry(list, "SHA-256", make("code", "digest", row.bytes.sha256));
    return make("div", "note", make("p", "", label("bytes"), ": ", label("long")), list);
  }
  const bytes = bytesOf(row);
  const box = make("details", "raw", make("summary", "", label("bytes"), " (" + bytes.length + ")"));
  box.addEventListener("toggle", () => {
    if (box.children.length > 1) { return; }
    const dump = make("pre", "", hex(bytes, matchMedia("(max-width: 48rem)").matches ? 8 : 16));
    dump.tabIndex = 0;
    box.append(dump);
  });
  return box;
}

function channel(row) {
  const list = make("dl", "channel");
  if (row.hop) {
    entry(list, { of: "hop" }, both(row.hop), row.hop[2] ? make("span", "tag", label("simulated")) : null);
  }
  if (row.connection) { entry(list, { of: "connection" }, String(row.connection)); }
  if (row.name) { entry(list, { of: "name" }, row.name); }
  if (row.tls) {
    entry(list, "TLS", [row.tls.version, row.tls.alert].filter(Boolean).join(" ") || "–");
    ["client_chain", "server_chain"].forEach((side) => {
      if (row.tls[side].length) { entry(list, { of: side }, make("code", "digest", row.tls[side].join(" "))); }
    });
  }
  [["broken", row.failed], ["grounds_of", row.ground]].filter((pair) => pair[1]).forEach(([name, ids]) => {
    entry(list, { of: name }, ...ids.flatMap((id) => [link("requirement-" + id, id), " "]));
  });
  return list.children.length ? list : null;
}

function inside(row, id) {
  return make("div", "inside", channel(row), decoded(row), raw(row, id));
}
