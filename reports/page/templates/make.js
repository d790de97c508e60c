// Small builders. Whatever comes from evidence becomes text, never markup.
const LABELS = {
  facts: ["前提と操作", "Facts and hands"], grounds: ["前提", "Facts laid down"],
  picture: ["記録の図", "Records as a picture"],
  legend: ["実線は公開された仕様、破線は模擬の通信。行を開くと内容が読める。", "Solid: a published interface. Dashed: a simulated one. Open a line to read it."],
  divergence: ["最初の食い違い", "First divergence"], expected: ["あるべき姿", "Expected"], actual: ["起きたこと", "Actual"],
  rule: ["要求", "Requirement"], source: ["出典", "Source"], broken: ["この記録による違反", "Broken by it"], grounds_of: ["違反の根拠", "A failure rests on it"], ground: ["根拠", "ground"],
  hop: ["通信路", "Hop"], simulated: ["模擬", "simulated"], connection: ["接続", "Connection"], name: ["ファイル名", "File name"],
  bytes: ["バイト列", "Bytes"], long: ["長いため、この頁には載せていない。証跡の次の位置にある", "too long for this page; in the evidence at"],
  pack: ["ファイル", "File"], offset: ["先頭からの位置", "Offset"], length: ["長さ", "Length"], means: ["意味", "Meaning"], failed: ["違反", "fails"],
  passed: ["満たした要求の根拠", "What the passes rest on"], role: ["役割", "Role"], rest: ["根拠", "Rests on"],
  client_chain: ["接続する側の証明書", "Connecting side's certificates"], server_chain: ["応答する側の証明書", "Answering side's certificates"],
  copy: ["写す", "Copy"], copied: ["写しました", "Copied"], noCopy: ["写せません。選択して写してください。", "Could not copy. Select the line and copy it."],
  unpack: ["このブラウザーは記録を開けない。上に示す証跡のファイルに同じ記録がある。", "This browser cannot unpack the records. The evidence files named above hold the same."],
};

function make(tag, name, ...inside) {
  const element = document.createElement(tag);
  if (name) { element.className = name; }
  element.append(...inside.filter((part) => part !== null && part !== undefined));
  return element;
}

// Both languages of a text, as everywhere else in the page.
function both(pair) {
  const parts = document.createDocumentFragment();
  ["ja", "en"].forEach((tongue, at) => {
    const span = make("span", "", pair[at]);
    span.lang = tongue;
    parts.append(span);
  });
  return parts;
}

function label(name) { return both(LABELS[name]); }

function link(anchor, ...inside) {
  const a = make("a", "", ...inside);
  a.href = "#" + anchor;
  return a;
}

function entry(list, name, ...inside) {
  // Fields inside a field stand below its name, or the innermost would have no room.
  const deep = inside.some((part) => part && part.classList && part.classList.contains("fields")) ? "deep" : "";
  list.append(make("dt", deep, typeof name === "string" ? name : label(name.of)), make("dd", deep, ...inside));
}

function copyOf(element) {
  return element ? Array.from(element.childNodes, (node) => node.cloneNode(true)) : [];
}

function tell(name) {
  const told = document.getElementById("told");
  told.replaceChildren(label(name));
}

async function unpack(id) {
  const text = document.getElementById(id).textContent;
  const packed = Uint8Array.from(atob(text), (letter) => letter.charCodeAt(0));
  const stream = new Blob([packed]).stream().pipeThrough(new DecompressionStream("deflate-raw"));
  return JSON.parse(await new Response(stream).text());
}
